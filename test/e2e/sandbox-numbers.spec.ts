import { RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';
import { eventually } from '../support/wait.js';

describe('a click-to-dial in the sandbox', () => {
  const service = new SandboxService({ RING_TIMEOUT: '4s' });
  let foo: RestClient;

  beforeAll(async () => {
    await service.start();
    foo = await service.as('foouser');
  });
  afterEach(async () => {
    await foo.none();
    expect(await service.repository.loadOngoing()).toEqual({ calls: [], sessions: [] });
  });
  afterAll(() => service.close());

  /** Waits for the end of the call and returns its history, which has exactly one end. */
  async function history(callId: string) {
    const events = await eventually(
      async () => {
        const found = await service.eventsOf(callId);
        return found.some(({ fact }) => fact.kind === 'released') ? found : undefined;
      },
      () => `${callId} does not end`,
    );
    expect(events.filter(({ fact }) => fact.kind === 'released')).toHaveLength(1);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    return events.map(({ fact }) => fact);
  }

  it('to a number that answers becomes Active, and shows all that the reference page lists', async () => {
    const { status, body } = await foo.send('POST', '', { phoneNumber: '012/345678'.replace('/', ' ') });
    expect(status).toBe(201);
    const callId = body.callId as string;
    const call = await foo.only('Active');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(call).toEqual({
      callId,
      inConference: false,
      externalTrackingId: body.externalTrackingId,
      personality: 'Originator',
      state: 'Active',
      remoteParty: { address: '+3212345678', callType: 'Unknown' },
      endpoint: { addressOfRecord: expect.stringMatching(/^(LP|MB)_foouser@sip\.example\.test$/) },
      appearance: 1,
      startTime: time,
      answerTime: time,
      recorded: false,
      allowedRecordingControls: 'record',
      uri: `/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/${callId}/`,
    });
    expect(await foo.send('GET', `${callId}/`)).toMatchObject({
      status: 200,
      body: { callId, state: 'Active' },
    });
    expect((await foo.send('GET', '')).body).toEqual({ calls: [{ callId, inConference: false }] });

    expect(await foo.release(callId)).toEqual({ status: 200, body: {} });
    expect((await foo.send('GET', `${callId}/`)).status).toBe(404);
    expect((await foo.release(callId)).status).toBe(404);
    expect((await history(callId)).map(({ kind }) => kind)).toEqual([
      'dialed',
      'deviceAnswered',
      'remoteRinging',
      'answered',
      'released',
    ]);
  });

  it.each([
    ['+3212345680', 'busy'],
    ['+3212345681', 'noAnswer'],
    ['+3212345682', 'declined'],
    ['+3212345685', 'noAnswer'],
    ['+3212345686', 'notInService'],
    ['+3212345699', 'notInService'],
  ])('to %s ends with the cause %s', async (number, cause) => {
    const facts = await history(await foo.dial(number));
    expect(facts.at(-1)).toMatchObject({ kind: 'released', cause, by: 'remote' });
  });

  it('to a number that hangs up after a while ends then', async () => {
    const callId = await foo.dial('+3212345683');
    await foo.only('Active');
    expect((await history(callId)).at(-1)).toMatchObject({ kind: 'released', cause: 'normal', by: 'remote' });
  });

  it('to a number that puts the caller on hold shows it, and that it takes back', async () => {
    const callId = await foo.dial('+3212345684');
    await foo.only('Active');
    await foo.only('Remote Held');
    await foo.only('Active');
    await foo.release(callId);
  });

  it('can be released while its device rings, and while the called party rings', async () => {
    const ringing = await foo.dial('+3212345681');
    await foo.release(ringing);
    expect((await history(ringing)).at(-1)).toMatchObject({ cause: 'canceled', by: 'local' });

    const answered = await foo.dial('+3212345681');
    await foo.only('Answered');
    await foo.release(answered);
    expect((await history(answered)).at(-1)).toMatchObject({ cause: 'canceled', by: 'local' });
  });
});
