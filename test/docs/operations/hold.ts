import type { OperationPage } from '../operation-page.js';

export const HOLD: OperationPage[] = [
  {
    name: 'hold',
    title: 'Hold',
    runs: [
      {
        title: 'Over the API',
        text: "Both phones are offered `inactive`, the held party first: nobody hears anybody. The user's call is `Held`, the other user's `Remote Held`. The answer comes when both phones have confirmed.",
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.modify(callId, 'hold');
        },
      },
      {
        title: 'On the phone',
        text: 'The offer of the phone goes to the other party and its answer back; the calls change as if the API had asked. Only the phone takes back what it holds.',
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.foo.sendInDialog('INVITE', stage.foo.offer('sendonly'));
          await stage.reaches(callId, 'Held');
        },
      },
    ],
  },
  {
    name: 'reconnect',
    title: 'Reconnect',
    runs: [
      {
        title: 'Of the only call',
        text: "The user's phone is asked for a fresh offer, which goes to the other party: both hear each other again. The answer comes when both phones have confirmed.",
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.modify(callId, 'hold');
          await stage.capture.watch();
          await stage.modify(callId, 'reconnect');
        },
      },
      {
        title: 'Of one of two calls',
        text: 'As the reference says, all other calls of the user are released, once the reconnect has succeeded.',
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.modify(callId, 'hold');
          await stage.talk('5602');
          await stage.capture.watch();
          await stage.modify(callId, 'reconnect');
          await Promise.all([stage.foo.waitFor('BYE'), stage.baz.waitFor('BYE')]);
        },
      },
    ],
  },
];
