import { XsiBadAnswer } from '../../../../src/engines/broadworks/xsi/errors.js';
import { bareAddress, seenCall } from '../../../../src/engines/broadworks/xsi/seen-call.js';
import { parseDocument } from '../../../../src/engines/broadworks/xsi/xml.js';

const IDS = '<x:callId>callhalf-1:0</x:callId><x:extTrackingId>2:1</x:extTrackingId>';
const STATE = '<x:personality>Terminator</x:personality><x:state>Remote Held</x:state>';

function seen(content: string): ReturnType<typeof seenCall> {
  return seenCall(
    parseDocument(Buffer.from(`<x:call xmlns:x="http://schema.broadsoft.com/xsi">${content}</x:call>`)),
  );
}

describe('a call that is seen', () => {
  it('has everything that the switch tells of it', () => {
    const content = `${IDS}${STATE}
      <x:remoteParty>
        <x:name>Ana &amp; Bo</x:name><x:address countryCode="32">tel:+32-12345678</x:address>
        <x:userId>bar@foo.example</x:userId><x:userDN>tel:+3212345678</x:userDN><x:callType>Group</x:callType>
      </x:remoteParty>
      <x:endpoint><x:addressOfRecord>sip:foo-desk@foo.example;transport=tcp</x:addressOfRecord></x:endpoint>
      <x:appearance>2</x:appearance>
      <x:startTime>1625225670467</x:startTime><x:answerTime>1625225785968</x:answerTime>
      <x:heldTime>1625225790000</x:heldTime><x:recorded/><x:recordingState>Paused</x:recordingState>
      <x:releaseCause><x:internalReleaseCause>User Not Found</x:internalReleaseCause></x:releaseCause>
      <x:releasingParty>remoteRelease</x:releasingParty>`;
    expect(seen(content)).toEqual({
      callId: 'callhalf-1:0',
      externalTrackingId: '2:1',
      personality: 'Terminator',
      state: 'Remote Held',
      remoteAddress: '+3212345678',
      remoteUserId: 'bar@foo.example',
      remoteName: 'Ana & Bo',
      callType: 'Group',
      addressOfRecord: 'foo-desk@foo.example',
      appearance: 2,
      startTime: 1_625_225_670_467,
      answerTime: 1_625_225_785_968,
      heldTime: 1_625_225_790_000,
      recorded: true,
      recordingState: 'Paused',
      releaseCause: 'User Not Found',
      releasingParty: 'remoteRelease',
    });
  });

  it('leaves out what is not told, or not understood', () => {
    const odd = `<x:remoteParty/><x:appearance>two</x:appearance><x:startTime>-5</x:startTime>
      <x:recordingState>Lost</x:recordingState><x:releasingParty>nobody</x:releasingParty><x:newInRelease99/>`;
    expect(seen(`${IDS}${STATE}${odd}`)).toEqual({
      callId: 'callhalf-1:0',
      externalTrackingId: '2:1',
      personality: 'Terminator',
      state: 'Remote Held',
      recorded: false,
    });
  });

  it('takes a cause of release as text as well', () => {
    expect(seen(`${IDS}${STATE}<x:releaseCause>Busy</x:releaseCause>`).releaseCause).toBe('Busy');
  });

  it.each([
    ['ids', STATE],
    ['a tracking id', `<x:callId>callhalf-1:0</x:callId>${STATE}`],
    ['a state', `${IDS}<x:personality>Terminator</x:personality>`],
    ['a known state', `${IDS}<x:personality>Terminator</x:personality><x:state>Parked</x:state>`],
    ['a known personality', `${IDS}<x:personality>Observer</x:personality><x:state>Active</x:state>`],
  ])('is refused without %s', (_what, content) => {
    expect(() => seen(content)).toThrow(XsiBadAnswer);
  });

  it.each([
    ['+3212345678', '+3212345678'],
    ['tel:+32-12.34(5)678;ext=9', '+3212345678'],
    ['tel:200', '200'],
    ['sip:+3212345678@10.0.0.1:5060;user=phone', '+3212345678'],
    ['SIP:ana@foo.example;transport=tcp', 'ana@foo.example'],
    ['ana@foo.example', 'ana@foo.example'],
    ['sips:200@foo.example', '200'],
  ])('has the address %s as %s', (address, bare) => {
    expect(bareAddress(address)).toBe(bare);
  });
});
