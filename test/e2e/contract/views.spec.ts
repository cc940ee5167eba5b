import { ContractService } from '../../support/contract-service.js';
import type { SipPhone } from '../../support/sip-phone.js';
import type { WireClient } from '../../support/wire-client.js';

/** What both users see of their calls, operation by operation. */
const contract = new ContractService();
let foo: WireClient;
let bar: WireClient;
let baz: WireClient;
beforeAll(async () => {
  await contract.start();
  ({ foo, bar, baz } = contract);
}, 30_000);
afterEach(() => contract.clear());
afterAll(() => contract.close());

const FOO = '+3212345600';
const BAR = '+3212345601';
const BAZ = '5602';
const inGroup = (address: string) => ({ address, callType: 'Group' });
const rings = (phone: SipPhone) => (incoming: Parameters<SipPhone['onInvite']>[0]) => phone.ring(incoming);

async function bothSee(callId: string, mine: string, theirs: string): Promise<void> {
  await contract.call(foo, callId, mine);
  await contract.only(bar, theirs);
}

/** baruser's call once it is up; all of its calls are recorded, which begins a moment later. */
async function ofBar(): Promise<Record<string, unknown>> {
  const { callId } = await contract.only(bar, 'Active');
  await contract.reaches(bar, String(callId), { recordingState: 'Started' });
  return contract.only(bar, 'Active');
}

describe('both users see', () => {
  it('a dial: the own device rings, then the other one, then they talk', async () => {
    const own = await contract.phone('LP_foouser', rings);
    const other = await contract.phone('LP_baruser', rings);
    const callId = await foo.dial('5601');
    expect(await contract.call(foo, callId, 'Alerting')).toMatchObject({
      personality: 'Click-to-Dial',
      remoteParty: inGroup(BAR),
    });
    expect(await contract.list(bar)).toEqual([]);

    await own.waitFor('INVITE');
    own.pickUp();
    const answered = await contract.call(foo, callId, 'Answered');
    expect(answered).toMatchObject({ personality: 'Originator' });
    expect(answered).not.toHaveProperty('answerTime');
    const reached = await contract.only(bar, 'Alerting');
    expect(reached).toMatchObject({ personality: 'Terminator', remoteParty: inGroup(FOO) });
    expect(reached).not.toHaveProperty('answerTime');

    await other.waitFor('INVITE');
    other.pickUp();
    const [mine, theirs] = [await contract.call(foo, callId, 'Active'), await contract.only(bar, 'Active')];
    expect(mine).toMatchObject({
      personality: 'Originator',
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    expect(theirs).toMatchObject({
      personality: 'Terminator',
      endpoint: { addressOfRecord: 'LP_baruser@sip.example.test' },
      externalTrackingId: mine.externalTrackingId,
    });
    expect(theirs.callId).not.toBe(callId);
  });

  it('hold and reconnect, of one and of both', async () => {
    const mine = await contract.active(foo, '5601');
    const theirs = String((await contract.only(bar, 'Active')).callId);
    await foo.act(mine, 'hold');
    await bothSee(mine, 'Held', 'Remote Held');
    await bar.act(theirs, 'hold');
    await bothSee(mine, 'Held', 'Held');
    await foo.act(mine, 'reconnect');
    await bothSee(mine, 'Remote Held', 'Held');
    await bar.act(theirs, 'reconnect');
    await bothSee(mine, 'Active', 'Active');
  });

  it('a blind transfer: the user has left, the others see each other', async () => {
    const callId = await contract.active(foo, '5601');
    const { callId: theirs } = await contract.only(bar, 'Active');
    expect((await foo.act(callId, 'blindTransfer', { phoneNumber: BAZ })).status).toBe(200);
    await contract.none(foo);
    const transferred = await contract.only(bar, 'Active');
    expect(transferred).toMatchObject({ callId: theirs, remoteParty: inGroup(BAZ) });
    expect(await contract.only(baz, 'Active')).toMatchObject({
      personality: 'Terminator',
      remoteParty: inGroup(BAR),
      externalTrackingId: transferred.externalTrackingId,
    });
  });

  it('a blind transfer that fails: they talk as before', async () => {
    const callId = await contract.active(foo, '5601');
    const before = [await contract.call(foo, callId, 'Active'), await ofBar()];
    expect((await foo.act(callId, 'blindTransfer', { phoneNumber: '+3212345682' })).status).toBe(400);
    expect([await contract.call(foo, callId, 'Active'), await contract.only(bar, 'Active')]).toEqual(before);
  });

  it('a deflection of a call that still rings', async () => {
    await contract.phone('LP_foouser', rings);
    const theirs = await bar.dial('5600');
    const { callId, personality } = await contract.only(foo, 'Alerting');
    expect(personality).toBe('Terminator');
    expect((await foo.act(String(callId), 'blindTransfer', { phoneNumber: BAZ })).status).toBe(200);
    await contract.none(foo);
    expect(await contract.call(bar, theirs, 'Active')).toMatchObject({ remoteParty: inGroup(BAZ) });
    expect(await contract.only(baz, 'Active')).toMatchObject({ remoteParty: inGroup(BAR) });
  });

  it('a consultative transfer: both calls of the user end, the remote parties see each other', async () => {
    const transferCallId = await contract.held(foo, '5601');
    const callId = await contract.active(foo, BAZ);
    expect((await foo.act(transferCallId, 'consultativeTransfer', { transferCallId: callId })).status).toBe(
      200,
    );
    await contract.none(foo);
    const [first, second] = [await contract.only(bar, 'Active'), await contract.only(baz, 'Active')];
    expect(first).toMatchObject({ remoteParty: inGroup(BAZ) });
    expect(second).toMatchObject({
      remoteParty: inGroup(BAR),
      externalTrackingId: first.externalTrackingId,
    });
  });

  it('a retrieve: the call is Detached while another device rings, and on that when it answers', async () => {
    const desk = await contract.phone('LP_foouser');
    const callId = await contract.active(foo, '5601');
    const before = await ofBar();
    const mobile = await contract.phone('MB_foouser', rings);
    const { body } = await foo.send('POST', 'retrieve/', {});
    expect(body.externalTrackingId).toBe(before.externalTrackingId);
    const retrieved = String(body.callId);
    await contract.call(foo, callId, 'Detached');
    expect(await contract.call(foo, retrieved, 'Alerting')).toMatchObject({ personality: 'Click-to-Dial' });

    await mobile.waitFor('INVITE');
    mobile.pickUp();
    expect(await contract.only(foo, 'Active')).toMatchObject({
      callId: retrieved,
      personality: 'Originator',
      endpoint: { addressOfRecord: 'MB_foouser@sip.example.test' },
      remoteParty: inGroup(BAR),
    });
    expect(await contract.only(bar, 'Active')).toEqual(before);
    await desk.waitFor('BYE');
  });

  it('an anchored mobile call: the called user sees the office number', async () => {
    const phone = await contract.phone('LP_foouser');
    const { body } = await foo.send('POST', 'imrn/', { phoneNumber: '5601', callingPhoneNumber: '5600' });
    expect((await phone.dial(String(body.imrn))).status).toBe(200);
    expect(await contract.only(foo, 'Active')).toMatchObject({
      personality: 'Originator',
      remoteParty: inGroup(BAR),
    });
    expect(await contract.only(bar, 'Active')).toMatchObject({
      personality: 'Terminator',
      remoteParty: inGroup(FOO),
    });
  });

  it('the recording of the own call alone', async () => {
    const callId = await contract.active(foo, BAZ);
    const recording = async () => {
      const { recorded, recordingState, allowedRecordingControls } = await contract.call(
        foo,
        callId,
        'Active',
      );
      return { recorded, recordingState, allowedRecordingControls };
    };
    const after = async (action: string) => {
      expect((await foo.act(callId, action)).body).toEqual({});
      return recording();
    };
    const nothing = { recordingState: undefined, allowedRecordingControls: 'record' };
    const started = { recorded: true, recordingState: 'Started', allowedRecordingControls: 'pause-stop' };
    expect(await recording()).toEqual({ ...nothing, recorded: false });
    expect(await after('startRecording')).toEqual(started);
    const paused = { recorded: true, recordingState: 'Paused', allowedRecordingControls: 'resume-stop' };
    expect(await after('pauseRecording')).toEqual(paused);
    expect(await after('resumeRecording')).toEqual(started);
    expect(await contract.only(baz, 'Active')).toMatchObject({
      recorded: false,
      allowedRecordingControls: 'none',
    });
    expect(await after('stopRecording')).toEqual({ ...nothing, recorded: true });
    await foo.act(callId, 'hold');
    await foo.act(callId, 'startRecording');
    expect(await contract.call(foo, callId, 'Held')).toMatchObject({ recordingState: 'Pending' });
  });

  it.each([
    ['foouser', false, undefined, 'record'],
    ['baruser', true, 'Started', 'none'],
    ['bazuser', false, undefined, 'none'],
    ['pauseuser', true, 'Started', 'pause'],
    ['demanduser', false, undefined, 'record'],
  ])('by the recording mode of %s', async (user, recorded, recordingState, allowedRecordingControls) => {
    const client = await contract.client(user);
    const callId = await contract.active(client);
    const wanted = { recorded, recordingState, allowedRecordingControls };
    await contract.reaches(client, callId, wanted);
  });

  it('the end, and nothing after it', async () => {
    const callId = await contract.active(foo, '5601');
    const theirs = String((await contract.only(bar, 'Active')).callId);
    expect((await foo.send('DELETE', `${callId}/`, {})).body).toEqual({});
    await Promise.all([contract.none(foo), contract.none(bar)]);
    for (const [client, id] of [
      [foo, callId],
      [bar, theirs],
    ] as const) {
      for (const method of ['GET', 'DELETE']) expect((await client.send(method, `${id}/`)).status).toBe(404);
    }
  });
});
