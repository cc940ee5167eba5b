import type { Call } from '../../../src/calls/domain/call.js';
import {
  ACTIVE_CALL,
  ALERTING_CALL,
  CALL_LIST,
  CALL_LIST_WITH_DETAILS,
  NO_CALLS,
  RECORDED_CALL,
  RETRIEVED_CALL,
  STARTED_CALL,
} from '../../../src/calls/http/examples.js';
import { LEASED_IMRN } from '../../../src/imrn/http/imrn.examples.js';
import { CALL_ID } from '../../support/fake-calls.js';
import { exchange, request } from '../../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../../support/web-service.js';

let web: WebService;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());
beforeEach(() => {
  web.calls.calls.clear();
  web.calls.asked.length = 0;
});

/** As the reference page prints it: a body with GET, the content type in double quotes. */
async function asTheReference(method: string, path: string, body: string) {
  const [answer] = await exchange(
    web.port,
    request(method, path, { authorization: web.authorization, 'content-type': '"application/json"' }, body),
  );
  return {
    status: answer?.status,
    type: answer?.headers['content-type'],
    body: JSON.parse(answer?.body ?? ''),
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';

describe('the requests of the reference page, byte by byte', () => {
  test('call phone number', async () => {
    const answer = await asTheReference('POST', `${CALLS}/`, '{ "phoneNumber": "+3212345678" }');
    expect(answer).toEqual({ status: 201, type: JSON_TYPE, body: STARTED_CALL });
    expect(web.calls.asked).toEqual(['dial foouser +3212345678']);
  });

  test('retrieve call list', async () => {
    web.calls.add();
    expect(await asTheReference('GET', `${CALLS}/`, '{}')).toEqual({
      status: 200,
      type: JSON_TYPE,
      body: CALL_LIST,
    });
  });

  test('retrieve call list with details', async () => {
    web.calls.add();
    const answer = await asTheReference('GET', `${CALLS}/`, '{ "includeDetails": true }');
    expect(answer).toEqual({ status: 200, type: JSON_TYPE, body: CALL_LIST_WITH_DETAILS });
  });

  test('retrieve call details', async () => {
    web.calls.add();
    const answer = await asTheReference('GET', `${CALLS}/${CALL_ID}/`, '{}');
    expect(answer).toEqual({ status: 200, type: JSON_TYPE, body: ACTIVE_CALL });
  });

  test.each([
    ['{ "action": "hold" }', `hold foouser ${CALL_ID}`],
    ['{ "action": "reconnect" }', `reconnect foouser ${CALL_ID}`],
    [
      '{ "action": "blindTransfer", "phoneNumber": "+3212345765" }',
      `blindTransfer foouser ${CALL_ID} +3212345765`,
    ],
    [
      '{ "action": "consultativeTransfer", "transferCallId": "callhalf-1595875:0" }',
      `consultativeTransfer foouser ${CALL_ID} callhalf-1595875:0`,
    ],
    ['{ "action": "startRecording" }', `startRecording foouser ${CALL_ID}`],
    ['{ "action": "pauseRecording" }', `pauseRecording foouser ${CALL_ID}`],
    ['{ "action": "resumeRecording" }', `resumeRecording foouser ${CALL_ID}`],
    ['{ "action": "stopRecording" }', `stopRecording foouser ${CALL_ID}`],
  ])('call state modify: %s', async (body, asked) => {
    const answer = await asTheReference('PUT', `${CALLS}/${CALL_ID}/`, body);
    expect(answer).toEqual({ status: 200, type: JSON_TYPE, body: {} });
    expect(web.calls.asked).toEqual([asked]);
  });

  test('call retrieve', async () => {
    const answer = await asTheReference('POST', `${CALLS}/retrieve/`, '{}');
    expect(answer).toEqual({ status: 201, type: JSON_TYPE, body: RETRIEVED_CALL });
    expect(web.calls.asked).toEqual(['retrieve foouser']);
  });

  test('IMRN resource create', async () => {
    const body = '{ "phoneNumber": "+3225126778", "callingPhoneNumber": "+3225126780" }';
    const answer = await asTheReference('POST', `${CALLS}/imrn/`, body);
    expect(answer).toEqual({ status: 201, type: JSON_TYPE, body: LEASED_IMRN });
    expect(web.calls.asked).toEqual(['lease foouser +3225126778 +3225126780']);
  });

  test('release call', async () => {
    const answer = await asTheReference('DELETE', `${CALLS}/${CALL_ID}/`, '{}');
    expect(answer).toEqual({ status: 200, type: JSON_TYPE, body: {} });
    expect(web.calls.asked).toEqual([`release foouser ${CALL_ID}`]);
  });
});

describe('the same resource', () => {
  test.each([
    ['without the slash', `${CALLS}/${CALL_ID}`],
    ['with the colon percent-encoded', `${CALLS}/${CALL_ID.replace(':', '%3A')}/`],
    ['with an unknown query parameter', `${CALLS}/${CALL_ID}/?x=1`],
  ])('%s', async (_, path) => {
    web.calls.add();
    expect(await (await web.ask('GET', path)).json()).toEqual(ACTIVE_CALL);
  });

  test('a retrieve without slash, body and content type', async () => {
    expect((await web.ask('POST', `${CALLS}/retrieve`)).status).toBe(201);
  });

  test('the list without the slash', async () => {
    expect(await (await web.ask('GET', CALLS)).json()).toEqual(NO_CALLS);
  });

  test.each(['GET', 'DELETE'])('%s of a call with a JSON content type and no body', async (method) => {
    web.calls.add();
    const answer = await web.ask(method, `${CALLS}/${CALL_ID}/`, undefined, {
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(200);
  });

  test.each(['GET', 'DELETE'])(
    '%s of a call with a body of unknown keys, which means nothing',
    async (method) => {
      web.calls.add();
      const [answer] = await exchange(
        web.port,
        request(
          method,
          `${CALLS}/${CALL_ID}/`,
          { authorization: web.authorization, 'content-type': 'application/json; charset=utf-8' },
          '{"action":"hold"}',
        ),
      );
      expect(answer?.status).toBe(200);
    },
  );
});

describe('where the calls come from', () => {
  test.each(['store', 'switch'] as const)('is told with the list and with details: %s', async (from) => {
    web.calls.add();
    web.calls.from = from;
    for (const path of [CALLS, `${CALLS}/${CALL_ID}/`]) {
      const answer = await web.ask('GET', path);
      expect([answer.status, answer.headers.get('calls-from')]).toEqual([200, from]);
    }
  });

  test('is not told with a refusal', async () => {
    const answer = await web.ask('GET', `${CALLS}/${CALL_ID}/`);
    expect([answer.status, answer.headers.get('calls-from')]).toEqual([404, null]);
  });
});

const details = async (path: string) =>
  Object.keys(((await (await web.ask('GET', path)).json()) as { calls: object[] }).calls[0] ?? {}).length > 2;

describe('includeDetails', () => {
  test.each([
    ['', false],
    ['?includeDetails=true', true],
    ['?includeDetails=false', false],
  ])('in the query: "%s"', async (query, expected) => {
    web.calls.add();
    expect(await details(`${CALLS}/${query}`)).toBe(expected);
  });

  test('of the body counts where the query says otherwise', async () => {
    web.calls.add();
    const answer = await asTheReference('GET', `${CALLS}/?includeDetails=true`, '{"includeDetails": false}');
    expect(answer.body).toEqual(CALL_LIST);
  });
});

const shown = async (changes: Partial<Call>) => {
  web.calls.add(changes);
  return (await web.ask('GET', `${CALLS}/${CALL_ID}/`)).json();
};

const recording = ({ recorded, recordingState, allowedRecordingControls }: Record<string, unknown>) => ({
  recorded,
  recordingState,
  allowedRecordingControls,
});

describe('a call on the wire', () => {
  test('has no answer time before it is answered', async () => {
    const { answerTime: _, ...call } = web.calls.add({ state: 'Alerting', personality: 'Click-to-Dial' });
    web.calls.calls.set(CALL_ID, call);
    expect(await (await web.ask('GET', `${CALLS}/${CALL_ID}/`)).json()).toEqual(ALERTING_CALL);
  });

  test('that is recorded shows the state of the recording and what can be asked of it', async () => {
    expect(await shown({ recorded: true, recordingState: 'Started' })).toEqual(RECORDED_CALL);
  });

  test.each<[Partial<Call>, object]>([
    [{ recordingMode: 'Never' }, { recorded: false, allowedRecordingControls: 'none' }],
    [
      { recordingState: 'Pending' },
      { recorded: false, recordingState: 'Pending', allowedRecordingControls: 'stop' },
    ],
    [
      { recorded: true, recordingState: 'Paused' },
      { recorded: true, recordingState: 'Paused', allowedRecordingControls: 'resume-stop' },
    ],
    [
      { recorded: true, recordingState: 'Failed' },
      { recorded: true, recordingState: 'Failed', allowedRecordingControls: 'none' },
    ],
    [{ recorded: true }, { recorded: true, allowedRecordingControls: 'record' }],
    [
      { state: 'Detached', recorded: true, recordingState: 'Started' },
      { recorded: true, recordingState: 'Started', allowedRecordingControls: 'none' },
    ],
  ])('with %j shows %j, alone and in a list', async (changes, expected) => {
    expect(recording((await shown(changes)) as Record<string, unknown>)).toEqual(expected);
    const listed = (await (await web.ask('GET', `${CALLS}/?includeDetails=true`)).json()) as {
      calls: Record<string, unknown>[];
    };
    expect(recording(listed.calls[0] ?? {})).toEqual(expected);
  });

  test('held by both parties is Held', async () => {
    expect(await shown({ state: 'Both Held' })).toMatchObject({ state: 'Held' });
  });

  test('has times in UTC with six decimals and no zone letter', async () => {
    expect(await shown({ startTime: 0 })).toMatchObject({ startTime: '1970-01-01T00:00:00.000000' });
  });

  test('tells nothing of its owner, its version and since when it is held', async () => {
    expect(await shown({ heldTime: 0 })).toEqual(ACTIVE_CALL);
  });

  test('in a list names its own path, ids percent-encoded', async () => {
    web.calls.add({ owner: { tenantId: 'a/b', groupId: 'ü', userId: 'x y' } });
    const { calls } = (await (await web.ask('GET', `${CALLS}/?includeDetails=true`)).json()) as {
      calls: { uri: string }[];
    };
    expect(calls[0]?.uri).toBe(`/api/v1/tenants/a%2Fb/groups/%C3%BC/users/x%20y/services/calls/${CALL_ID}/`);
  });
});
