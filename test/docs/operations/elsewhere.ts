import type { OperationPage } from '../operation-page.js';

/** Calls that come to the user's desk from elsewhere, or leave it. */
export const ELSEWHERE: OperationPage[] = [
  {
    name: 'retrieve',
    title: 'Retrieve',
    runs: [
      {
        title: 'To the mobile',
        text: "The user's other registered devices ring, and the one that answers first gets the call, which has a new id and the `externalTrackingId` of the old one. The other party is only told where the audio goes from now on. The answer comes as soon as the new call is stored; meanwhile the old one is `Detached`.",
        async play(stage) {
          await stage.talk('5601');
          await stage.register('mobile', 'MB_foouser');
          await stage.capture.watch();
          const { body } = await stage.ask('POST', 'retrieve/');
          await stage.reaches(String(body.callId), 'Active');
          await stage.foo.waitFor('BYE');
        },
      },
      {
        title: 'That no device answers',
        text: 'The new call ends, and the old one is again what it was. Its phone and the other party have noticed nothing. So it goes as well after `RETRIEVE_TIMEOUT`.',
        async play(stage) {
          const callId = await stage.talk('5601');
          const mobile = await stage.register('mobile', 'MB_foouser');
          mobile.onInvite = (incoming) => incoming.respond(486);
          await stage.capture.watch();
          const { body } = await stage.ask('POST', 'retrieve/');
          await stage.reaches(String(body.callId), 'Released');
          await stage.reaches(callId, 'Active');
        },
      },
    ],
  },
  {
    name: 'imrn',
    title: 'IMRN',
    runs: [
      {
        title: 'A call from a mobile',
        text: 'The app asks for a number, and the mobile calls it. The call that arrives with that caller becomes one of the user: baruser sees the office number, and foouser can hold, transfer or record it like any other. The number is free again at once.',
        async play(stage) {
          const mobile = '+32470123456';
          const { body } = await stage.ask('POST', 'imrn/', {
            phoneNumber: '5601',
            callingPhoneNumber: mobile,
          });
          await stage.trunk.call(mobile, String(body.imrn), { transport: 'udp', ...stage.service.sip });
          await stage.only('foouser', 'Active');
        },
      },
    ],
  },
];
