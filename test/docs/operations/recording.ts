import type { OperationPage } from '../operation-page.js';

export const RECORDING: OperationPage[] = [
  {
    name: 'recording',
    title: 'Recording',
    runs: [
      {
        title: 'Of an active call',
        text: "Recording needs no SIP: the audio goes through the service, which writes it to a stereo WAV file, one party a channel. While it is paused nothing is written. What a user may do is told by `allowedRecordingControls`, and depends on the recording mode; foouser's is `On Demand with User Initiated Start`.",
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.modify(callId, 'startRecording');
          await stage.ask('GET', `${callId}/`);
          await stage.modify(callId, 'pauseRecording');
          await stage.modify(callId, 'resumeRecording');
          await stage.modify(callId, 'stopRecording');
        },
      },
      {
        title: 'Of a held call',
        text: 'There is nothing to record yet: the recording is `Pending`, and starts by itself when the call is reconnected. All SIP below is that of the [reconnect](reconnect.md).',
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.modify(callId, 'hold');
          await stage.capture.watch();
          await stage.modify(callId, 'startRecording');
          await stage.modify(callId, 'reconnect');
        },
      },
    ],
  },
];
