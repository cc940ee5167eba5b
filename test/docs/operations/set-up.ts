import type { OperationPage } from '../operation-page.js';

export const SET_UP: OperationPage[] = [
  {
    name: 'dial',
    title: 'Dial',
    runs: [
      {
        title: 'To a number of the outside world',
        text: "The service rings the user's phone first, without an offer, and then the number, which sees the user's number as caller (RFC 3725 flow III). The answer comes as soon as the call is stored: what becomes of it is seen by asking again.",
        async play(stage) {
          const { body } = await stage.ask('POST', '', { phoneNumber: '+3212345678' });
          await stage.reaches(String(body.callId), 'Active');
        },
      },
      {
        title: 'To a user of the group',
        text: 'The called user has a call too, with an id of its own and the same `externalTrackingId`. Each sees the other as `remoteParty`.',
        async play(stage) {
          await stage.ask('POST', '', { phoneNumber: '5601' });
          await stage.only('foouser', 'Active');
          await stage.only('baruser', 'Active');
        },
      },
      {
        title: 'To a user who is busy',
        text: "The dial was answered long before: the call ends with the cause, is gone from the list, and the user's phone is let go.",
        async play(stage) {
          stage.bar.onInvite = (incoming) => incoming.respond(486);
          const { body } = await stage.ask('POST', '', { phoneNumber: '5601' });
          await stage.reaches(String(body.callId), 'Released');
          await stage.foo.waitFor('BYE');
        },
      },
      {
        title: 'On the phone',
        text: "The phone proves who it is and is put through; the user's call is listed like one that the API placed.",
        async play(stage) {
          await stage.foo.dial('5601');
          await stage.only('foouser', 'Active');
          await stage.only('baruser', 'Active');
        },
      },
    ],
  },
  {
    name: 'list-and-details',
    title: 'List and details',
    runs: [
      {
        title: 'Of an active call',
        text: 'All of it is read from the store; no phone is asked. `uri` and `inConference` are in the list alone, `recordingState` is there once something is recorded.',
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.ask('GET', '');
          await stage.ask('GET', '?includeDetails=true');
          await stage.ask('GET', `${callId}/`);
        },
      },
    ],
  },
  {
    name: 'release',
    title: 'Release',
    runs: [
      {
        title: 'Of an active call',
        text: "Both phones get a BYE, and both users' calls end. The answer comes when the end is stored; from then on the call is 404.",
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.ask('DELETE', `${callId}/`);
          await Promise.all([stage.foo.waitFor('BYE'), stage.bar.waitFor('BYE')]);
        },
      },
      {
        title: 'While the called party rings',
        text: 'The phone that rings is told to stop, the one that has answered is let go. The same for a call whose own device still rings.',
        async play(stage) {
          stage.bar.onInvite = (incoming) => stage.bar.ring(incoming);
          const callId = await stage.dialAndRing('5601', stage.bar);
          await stage.capture.watch();
          await stage.ask('DELETE', `${callId}/`);
          await stage.foo.waitFor('BYE');
        },
      },
    ],
  },
];
