import type { ServerResponse } from 'node:http';
import type { ClusterSettings } from '../../../../src/engines/broadworks/xsi/xsi-client.js';
import type { SeenCall } from '../../../../src/engines/broadworks/xsi/seen-call.js';
import {
  answerXml,
  type Asked,
  cluster,
  scriptedSwitch,
  type ScriptedSwitch,
  xsi,
} from '../xsi/support/scripted-switch.js';

const CALLS = /^\/com\.broadsoft\.xsi-actions\/v2\.0\/user\/([^/]+)\/calls\/?([^?]*)/;

/** How the next request that matches is answered. */
interface Surprise {
  /** `GET callhalf-1:0`, `POST new`… */
  request: RegExp;
  /** Instead of what the switch would do; 0: nothing at all. */
  status?: number;
  body?: string;
  /** Before it is looked at. */
  first?: () => unknown;
  /** The switch does it, and nobody hears of it. */
  answerLost?: boolean;
}

/** Xsi-Actions of one cluster, with the calls that the test wants. It tells nothing unasked: events are refused. */
export class SwitchOfActions {
  /** By switch user id. */
  private readonly calls = new Map<string, SeenCall[]>();
  private readonly surprises: Surprise[] = [];
  private sequence = 0;
  /** `GET`, `POST new?address=…`, `PUT callhalf-1:0/Hold`: what the service has asked for of calls. */
  readonly asked: string[] = [];

  private constructor(private web: ScriptedSwitch | undefined) {}

  static async start(): Promise<SwitchOfActions> {
    const played = new SwitchOfActions(undefined);
    played.web = await scriptedSwitch((asked, response) => void played.answer(asked, response));
    return played;
  }

  settings(more: Partial<ClusterSettings> = {}): ClusterSettings {
    return cluster(this.web?.port ?? 0, { timeoutMs: 500, ...more });
  }

  get port(): number {
    return this.web?.port ?? 0;
  }

  async stop(): Promise<void> {
    await this.web?.close();
  }

  /** A call of the user begins or is another way from now on. */
  has(userId: string, given: Partial<SeenCall> = {}): SeenCall {
    const calls = this.callsOf(userId);
    const before = calls.find(({ callId }) => callId === given.callId);
    const number = ++this.sequence;
    const call: SeenCall = {
      callId: `callhalf-${Date.now()}${number}:0`,
      externalTrackingId: `7c9a4f3e-3f0e-4c43-9d69-${String(Date.now() + number).padStart(12, '0')}`,
      personality: 'Originator',
      state: 'Active',
      remoteAddress: 'tel:+3212345678',
      startTime: 1_700_000_000_000,
      recorded: false,
      ...before,
      ...given,
    };
    this.calls.set(userId, [...calls.filter((each) => each !== before), call]);
    return call;
  }

  ends(userId: string, callId: string): void {
    this.calls.set(
      userId,
      this.callsOf(userId).filter((call) => call.callId !== callId),
    );
  }

  callsOf(userId: string): SeenCall[] {
    return this.calls.get(userId) ?? [];
  }

  next(surprise: Surprise): void {
    this.surprises.push(surprise);
  }

  /** How often it was asked for the list of calls of somebody. */
  get lists(): number {
    return this.asked.filter((what) => what === 'GET ').length;
  }

  asks(request: RegExp): string[] {
    return this.asked.filter((what) => request.test(what));
  }

  private async answer({ method, url }: Asked, response: ServerResponse): Promise<void> {
    const [, user, rest = ''] = CALLS.exec(url) ?? [];
    if (user === undefined) return void response.writeHead(503).end();
    const what = `${method} ${decodeURIComponent(rest)}`;
    const query = new URL(url, 'http://switch.invalid').searchParams;
    this.asked.push(query.has('address') ? `${what}?address=${query.get('address')}` : what);
    const index = this.surprises.findIndex(({ request }) => request.test(what));
    const [surprise] = index < 0 ? [] : this.surprises.splice(index, 1);
    await surprise?.first?.();
    if (surprise?.status === 0) return;
    if (surprise?.status !== undefined) return answerXml(response, surprise.status, surprise.body ?? '');
    const [status, body] = this.does(decodeURIComponent(user), what);
    if (surprise?.answerLost) return;
    if (surprise?.body !== undefined || body !== undefined)
      answerXml(response, status, surprise?.body ?? body ?? '');
    else response.writeHead(status).end();
  }

  private does(user: string, what: string): [status: number, body?: string] {
    const [method, path = ''] = what.split(' ');
    const [callId = '', action] = path.split('/');
    const call = this.callsOf(user).find((each) => each.callId === callId);
    const started = (given: Partial<SeenCall>): [number, string] => {
      const { callId: id, externalTrackingId } = this.has(user, given);
      const ids = `<callId>${id}</callId><externalTrackingId>${externalTrackingId}</externalTrackingId>`;
      return [201, xsi('CallStartInfo', ids)];
    };
    if (method === 'GET' && path === '') return [200, xsi('Calls', this.callsOf(user).map(listed).join(''))];
    if (path === 'new' || path === 'CallRetrieve')
      return started({ personality: 'Click-to-Dial', state: 'Alerting' });
    if (path === 'imrn') return [201, xsi('IMRNInfo', '<imrn>+3212345690</imrn>')];
    if (!call) return [404, xsi('ErrorInfo', '<summary>Call not found</summary>')];
    if (method === 'GET') return [200, xsi('Call', told(call))];
    if (method === 'DELETE' || action?.endsWith('Transfer')) this.ends(user, callId);
    if (action === 'ConsultTransfer') this.ends(user, path.split('/')[2] ?? '');
    const change = action === undefined ? undefined : CHANGES[action];
    if (change) this.has(user, { ...call, ...change });
    return [200];
  }
}

const CHANGES: Record<string, Partial<SeenCall>> = {
  Hold: { state: 'Held' },
  Reconnect: { state: 'Active' },
  Record: { recordingState: 'Started', recorded: true },
  PauseRecording: { recordingState: 'Paused' },
  ResumeRecording: { recordingState: 'Started' },
};

/** Detached calls are not listed. */
function listed({ callId, state }: SeenCall): string {
  return state === 'Detached' ? '' : `<call inConference="false"><callId>${callId}</callId></call>`;
}

function told(call: SeenCall): string {
  return [
    element('callId', call.callId),
    element('extTrackingId', call.externalTrackingId),
    element('personality', call.personality),
    element('state', call.state),
    `<remoteParty>${element('address', call.remoteAddress)}${element('callType', call.callType)}</remoteParty>`,
    call.addressOfRecord === undefined
      ? ''
      : `<endpoint>${element('addressOfRecord', call.addressOfRecord)}</endpoint>`,
    element('appearance', call.appearance),
    element('startTime', call.startTime),
    element('answerTime', call.answerTime),
    call.recorded ? '<recorded/>' : '',
    element('recordingState', call.recordingState),
  ].join('');
}

function element(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `<${name}>${value}</${name}>`;
}
