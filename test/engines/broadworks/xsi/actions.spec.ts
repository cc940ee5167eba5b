import { jest } from '@jest/globals';
import { XsiActions } from '../../../../src/engines/broadworks/xsi/actions.js';
import { XsiBadAnswer, XsiRefused } from '../../../../src/engines/broadworks/xsi/errors.js';
import { XsiClient, type ClusterSettings } from '../../../../src/engines/broadworks/xsi/xsi-client.js';
import {
  answerXml,
  cluster,
  failure,
  scriptedSwitch,
  xsi,
  type ScriptedSwitch,
} from './support/scripted-switch.js';

jest.setTimeout(30_000);

const FOO = 'foouser@foo.example';
const CALL = 'callhalf-1595867:0';
const CALLS = '/com.broadsoft.xsi-actions/v2.0/user/foouser%40foo.example/calls';
const ADMIN = `Basic ${Buffer.from('admin:admin-secret').toString('base64')}`;
const IDS = { callId: CALL, externalTrackingId: '295313b0-ab3b-416e-884b-7faaa8dbc4ee' };
const STARTED = xsi(
  'CallStartInfo',
  `<callId>${IDS.callId}</callId><externalTrackingId>${IDS.externalTrackingId}</externalTrackingId>`,
);
const ENDED = [404, xsi('ErrorInfo', '<summaryEnglish>Call not found</summaryEnglish>')] as const;

function call(callId: string, more = ''): string {
  return xsi(
    'Call',
    `<callId>${callId}</callId><extTrackingId>${IDS.externalTrackingId}</extTrackingId>
     <personality>Originator</personality><state>Active</state>${more}`,
  );
}

describe('the actions on calls', () => {
  let scripted: ScriptedSwitch | undefined;
  let client: XsiClient | undefined;

  afterEach(async () => {
    await client?.close();
    await scripted?.close();
  });

  /** The switch gives one answer after the other, the last one again and again. */
  async function actions(
    answers: (readonly [status: number, body?: string | Buffer | undefined, charset?: string])[],
    settings: Partial<ClusterSettings> = {},
  ): Promise<XsiActions> {
    scripted = await scriptedSwitch((_, response, nth) => {
      const [status, body, charset] = answers[nth - 1] ?? answers.at(-1) ?? [500];
      if (body === undefined) response.writeHead(status).end();
      else answerXml(response, status, body, charset);
    });
    client = new XsiClient(cluster(scripted.port, settings));
    return new XsiActions(client);
  }

  const TRANSFER_TO = '%2B32%2012345678';
  it.each<[string, (on: XsiActions) => Promise<unknown>, string, string, answer: [number, string?], unknown]>(
    [
      [
        'dials',
        (on) => on.dial(FOO, '+3212345678'),
        'POST',
        `${CALLS}/new?address=%2B3212345678`,
        [201, STARTED],
        IDS,
      ],
      ['lists no calls', (on) => on.list(FOO), 'GET', CALLS, [200, xsi('Calls')], []],
      [
        'lists calls',
        (on) => on.list(FOO),
        'GET',
        CALLS,
        [
          200,
          xsi(
            'Calls',
            `<call inConference="true"><callId>a:0</callId><uri>x</uri></call><call><callId>b:1</callId></call>`,
          ),
        ],
        ['a:0', 'b:1'],
      ],
      [
        'gets a call, detached or not',
        (on) => on.get(FOO, CALL),
        'GET',
        `${CALLS}/callhalf-1595867%3A0?allowDetached=True`,
        [200, call(CALL)],
        { ...IDS, personality: 'Originator', state: 'Active', recorded: false },
      ],
      [
        'gets none that is gone',
        (on) => on.get(FOO, CALL),
        'GET',
        `${CALLS}/callhalf-1595867%3A0?allowDetached=True`,
        [...ENDED],
        undefined,
      ],
      [
        'holds',
        (on) => on.command(FOO, CALL, 'Hold'),
        'PUT',
        `${CALLS}/callhalf-1595867%3A0/Hold`,
        [200],
        undefined,
      ],
      [
        'pauses a recording',
        (on) => on.command(FOO, CALL, 'PauseRecording'),
        'PUT',
        `${CALLS}/callhalf-1595867%3A0/PauseRecording`,
        [204],
        undefined,
      ],
      [
        'transfers blindly',
        (on) => on.blindTransfer(FOO, CALL, '+32 12345678'),
        'PUT',
        `${CALLS}/callhalf-1595867%3A0/BlindTransfer?address=${TRANSFER_TO}`,
        [200],
        undefined,
      ],
      [
        'transfers consultatively',
        (on) => on.consultativeTransfer(FOO, CALL, 'callhalf-9:1'),
        'PUT',
        `${CALLS}/callhalf-1595867%3A0/ConsultTransfer/callhalf-9%3A1`,
        [200],
        undefined,
      ],
      [
        'releases',
        (on) => on.release(FOO, CALL),
        'DELETE',
        `${CALLS}/callhalf-1595867%3A0`,
        [200],
        undefined,
      ],
      ['retrieves', (on) => on.retrieve(FOO), 'POST', `${CALLS}/CallRetrieve`, [201, STARTED], IDS],
      [
        'leases an IMRN',
        (on) => on.leaseImrn(FOO, '+3211', '200'),
        'POST',
        `${CALLS}/imrn?callingPartyAddress=%2B3211&calledPartyAddress=200`,
        [201, xsi('IMRNInfo', '<imrn>+32900</imrn>')],
        '+32900',
      ],
    ],
  )('%s', async (_does, act, method, url, answer, result) => {
    const on = await actions([answer]);
    expect(await act(on)).toEqual(result);
    expect(scripted?.asked.map((asked) => [asked.method, asked.url, asked.headers.authorization])).toEqual([
      [method, url, ADMIN],
    ]);
  });

  it('asks for each listed call, and leaves out the ones that end meanwhile', async () => {
    const list = xsi(
      'Calls',
      ['a:0', 'b:0', 'c:0'].map((id) => `<call><callId>${id}</callId></call>`).join(''),
    );
    scripted = await scriptedSwitch(({ url }, response) => {
      if (url === CALLS) answerXml(response, 200, list);
      else if (url.includes('/b%3A0')) answerXml(response, ...ENDED);
      else answerXml(response, 200, call(url.includes('/a%3A0') ? 'a:0' : 'c:0'));
    });
    client = new XsiClient(cluster(scripted.port));
    const calls = await new XsiActions(client).calls(FOO);
    expect(calls.map(({ callId }) => callId)).toEqual(['a:0', 'c:0']);
  });

  it('encodes whatever stands in an id', async () => {
    const on = await actions([[200, call('x')]]);
    await on.get('a/b?c#d%é@foo.example', '../x y');
    expect(scripted?.asked[0]?.url).toBe(
      '/com.broadsoft.xsi-actions/v2.0/user/a%2Fb%3Fc%23d%25%C3%A9%40foo.example/calls/..%2Fx%20y?allowDetached=True',
    );
  });

  it.each(['', '.', '..'])('sends nothing for the id "%s", which would lead elsewhere', async (id) => {
    const on = await actions([[200]]);
    expect(await failure(on.release(FOO, id))).toMatchObject({ status: 404 });
    expect(scripted?.asked).toEqual([]);
  });

  it('speaks for a user with the own credentials where there are some, else as the administrator', async () => {
    const on = await actions([[200]], { userPasswords: { [FOO]: 'päss:word' } });
    await on.release(FOO, CALL);
    await on.release('other@foo.example', CALL);
    await on.release('constructor', CALL);
    expect(scripted?.asked.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from(`${FOO}:päss:word`, 'utf8').toString('base64')}`,
      ADMIN,
      ADMIN,
    ]);
  });

  it.each([
    ['UTF-8', xsi('ErrorInfo', '<summary>Refusé</summary><errorCode>110017</errorCode>')],
    [
      'ISO-8859-1',
      Buffer.from(
        '<?xml version="1.0" encoding="ISO-8859-1"?><x:ErrorInfo xmlns:x="http://schema.broadsoft.com/xsi">' +
          '<x:summary>Refusé</x:summary><x:errorCode>110017</x:errorCode></x:ErrorInfo>',
        'latin1',
      ),
    ],
  ])('reads ErrorInfo in %s', async (charset, body) => {
    const on = await actions([[403, body, charset]]);
    const error = await failure(on.dial(FOO, '200'));
    expect(error).toBeInstanceOf(XsiRefused);
    expect(error).toMatchObject({ status: 403, errorCode: '110017', summary: 'Refusé' });
  });

  it.each([
    ['no body', undefined],
    ['HTML', '<html><body><br></body></html>'],
    ['another document', xsi('Calls')],
    ['one that is too long', ' '.repeat(2_000_000)],
  ])('is refused by its status where the body is %s', async (_what, body) => {
    const on = await actions([[403, body]]);
    const error = await failure(on.dial(FOO, '200'));
    if (body === undefined || body.length < 1_000_000) expect(error).toMatchObject({ status: 403 });
    else expect(error).toBeInstanceOf(XsiBadAnswer);
  });

  it.each([
    ['nothing', ''],
    ['no XML', 'callId=1'],
    ['JSON', '{"CallStartInfo":{"callId":{"$":"x"}}}'],
    ['another root', xsi('Calls')],
    ['the root of another namespace', STARTED.replace('schema.broadsoft.com/xsi', 'schema.example/xsi')],
    ['no ids', xsi('CallStartInfo')],
    ['an empty id', STARTED.replace(IDS.externalTrackingId, ' ')],
    ['ids of another namespace', STARTED.replace('<callId>', '<callId xmlns="http://schema.example/">')],
    ['half a document', STARTED.slice(0, -20)],
    ['two documents', `${STARTED}${STARTED}`],
  ])('does not take %s for an answer to a dial', async (_what, body) => {
    const on = await actions([[201, body]]);
    expect(await failure(on.dial(FOO, '200'))).toBeInstanceOf(XsiBadAnswer);
  });
});
