import type { OperationPage } from '../operation-page.js';

export const TRANSFERS: OperationPage[] = [
  {
    name: 'blind-transfer',
    title: 'Blind transfer',
    runs: [
      {
        title: 'Of an active call',
        text: "The target rings and sees the remote party as caller. When it answers, the remote party is connected with it and the user's call ends; then comes the answer. Neither of the two remaining parties hears a release. A held call is transferred the same way.",
        async play(stage) {
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.modify(callId, 'blindTransfer', { phoneNumber: '5602' });
          await stage.foo.waitFor('BYE');
          await stage.only('bazuser', 'Active');
        },
      },
      {
        title: 'To a target that is busy',
        text: 'The answer is error 59 with the call as it still is. Nothing was sent to the two who talk, who never noticed; a target that declines or lets it ring for `TRANSFER_TIMEOUT` has the same effect.',
        async play(stage) {
          stage.baz.onInvite = (incoming) => incoming.respond(486);
          const callId = await stage.talk('5601');
          await stage.capture.watch();
          await stage.modify(callId, 'blindTransfer', { phoneNumber: '5602' });
        },
      },
      {
        title: 'Of a call that still rings (deflection)',
        text: "The target rings beside the user's phone, and whoever answers first has the call. Here it is the target: the user's phone stops ringing, and the caller is told whom it talks to by its `remoteParty`. A target that does not take it leaves the call ringing.",
        async play(stage) {
          stage.foo.onInvite = (incoming) => stage.foo.ring(incoming);
          const dialled = stage.bar.dial('5600');
          const callId = await stage.only('foouser', 'Alerting');
          await stage.capture.watch();
          await stage.modify(callId, 'blindTransfer', { phoneNumber: '5602' });
          await dialled;
          await stage.only('bazuser', 'Active');
        },
      },
    ],
  },
  {
    name: 'consultative-transfer',
    title: 'Consultative transfer',
    runs: [
      {
        title: 'Of a held call and an active one',
        text: 'The held party and the consulted one are connected with each other, and both calls of the user end. It does not matter which of the two is named in the path and which in the body. The two remaining calls have one `externalTrackingId`.',
        async play(stage) {
          const held = await stage.talk('5601');
          await stage.modify(held, 'hold');
          const transferCallId = await stage.talk('5602');
          await stage.capture.watch();
          await stage.modify(held, 'consultativeTransfer', { transferCallId });
          await stage.foo.waitFor('BYE', 2);
        },
      },
      {
        title: 'To a consulted party that still rings',
        text: 'The request waits until the consulted party answers; meanwhile a second transfer of either call is refused as in progress. Then it goes on as above. Here baruser is on hold and bazuser rings when it begins, and bazuser picks up.',
        async play(stage) {
          const held = await stage.talk('5601');
          await stage.modify(held, 'hold');
          stage.baz.onInvite = (incoming) => stage.baz.ring(incoming);
          const transferCallId = await stage.dialAndRing('5602', stage.baz);
          await stage.capture.watch();
          const joined = stage.modify(held, 'consultativeTransfer', { transferCallId });
          await stage.capture.quiet();
          stage.baz.pickUp();
          await joined;
          await stage.foo.waitFor('BYE', 2);
        },
      },
    ],
  },
  {
    name: 'transfer-on-the-phone',
    title: 'Transfer on the phone (REFER)',
    runs: [
      {
        title: 'Blind',
        text: 'The transfer key of a phone: REFER to the service instead of a request over REST. It goes as a blind transfer of the API; each NOTIFY tells the phone how far it is, and after the last one the phone is let go. Had it failed, the last NOTIFY would hold the status of the target, and the call would go on.',
        async play(stage) {
          await stage.talk('5601');
          await stage.capture.watch();
          await stage.foo.sendInDialog('REFER', undefined, {
            headers: { 'refer-to': ['<sip:5602@sip.example.test>'] },
          });
          await stage.foo.waitFor('BYE');
        },
      },
      {
        title: 'Consultative',
        text: 'The phone names its other call with `Replaces`, and the two remote parties are connected as by a consultative transfer of the API.',
        async play(stage) {
          const held = await stage.talk('5601');
          const { dialog: ofHeld } = stage.foo;
          await stage.foo.sendInDialog('INVITE', stage.foo.offer('sendonly'));
          await stage.reaches(held, 'Held');
          await stage.talk('5602');
          const { callId = '', localTag = '', remoteTag = '' } = stage.foo.dialog ?? {};
          const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`);
          await stage.capture.watch();
          await stage.foo.sendInDialog('REFER', undefined, {
            dialog: ofHeld,
            headers: { 'refer-to': [`<sip:5602@sip.example.test?Replaces=${replaces}>`] },
          });
          await stage.foo.waitFor('BYE', 2);
        },
      },
    ],
  },
];
