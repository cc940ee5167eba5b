import { StandInBacking } from './broadworks/stand-in-backing.js';
import type { ContractBacking, ContractPhone, PhoneScript } from './contract-backing.js';
import type { SandboxService } from './sandbox-service.js';
import { SipBacking } from './sip-backing.js';
import { eventually } from './wait.js';
import { WireClient } from './wire-client.js';

type View = Record<string, unknown>;

/** Of the demo directory: their recording begins by itself, a moment after the call is Active. */
const RECORDED_ALWAYS = new Set(['baruser', 'pauseuser']);

/**
 * The whole service before clients that write to its socket, with phones that a test can script; on the engine that
 * the variable ENGINE of the test run names.
 */
export class ContractService {
  foo!: WireClient;
  bar!: WireClient;
  baz!: WireClient;
  private readonly backing: ContractBacking;

  constructor(env: Record<string, string> = {}) {
    this.backing = process.env.ENGINE === 'broadworks' ? new StandInBacking(env) : new SipBacking(env);
  }

  async start(): Promise<void> {
    await this.backing.start();
    [this.foo, this.bar, this.baz] = await Promise.all([
      this.client('foouser'),
      this.client('baruser'),
      this.client('bazuser'),
    ]);
  }

  close(): Promise<void> {
    return this.backing.close();
  }

  get service(): SandboxService {
    return this.backing.service;
  }

  client(user: string, place?: { tenant: string; group: string }): Promise<WireClient> {
    return WireClient.of(this.service, user, place);
  }

  /** A phone in the place of a virtual one, until the end of the test. */
  phone(device: string, script?: PhoneScript): Promise<ContractPhone> {
    return this.backing.phone(device, script);
  }

  /** Ends all calls and takes the phones of the test away. */
  async clear(): Promise<void> {
    for (const client of [this.foo, this.bar, this.baz, ...(await this.others())]) {
      for (const { callId } of await this.list(client)) await client.send('DELETE', `${String(callId)}/`);
    }
    await eventually(
      async () => (await this.service.repository.loadOngoing()).calls.length === 0 || undefined,
      () => 'calls are left',
    );
    await this.backing.clear();
  }

  private others(): Promise<WireClient[]> {
    return Promise.all(['pauseuser', 'demanduser'].map((user) => this.client(user)));
  }

  async list(client: WireClient): Promise<View[]> {
    return (await client.send('GET', '', { includeDetails: true })).body.calls as View[];
  }

  /** The call as its user sees it once it is in the state. */
  call(client: WireClient, callId: string, state: string): Promise<View> {
    let last: unknown;
    return eventually(
      async () => {
        const { body } = await client.send('GET', `${callId}/`, {});
        last = body;
        return isSettled(client, body, state) ? body : undefined;
      },
      () => `${callId} is not ${state}, but ${JSON.stringify(last)}`,
    );
  }

  /** The call once it has these attributes; undefined: it lacks the attribute. */
  async reaches(client: WireClient, callId: string, wanted: View): Promise<void> {
    let last: View = {};
    await eventually(
      async () => {
        last = (await client.send('GET', `${callId}/`, {})).body;
        return Object.entries(wanted).every(([key, value]) => last[key] === value) || undefined;
      },
      () => `${callId} is not ${JSON.stringify(wanted)}, but ${JSON.stringify(last)}`,
    );
  }

  /** The user's only call, in the state. */
  only(client: WireClient, state: string): Promise<View> {
    let last: unknown;
    return eventually(
      async () => {
        const calls = await this.list(client);
        last = calls;
        const [call] = calls;
        return call && calls.length === 1 && isSettled(client, call, state) ? call : undefined;
      },
      () => `${client.name.user} has no single call ${state}, but ${JSON.stringify(last)}`,
    );
  }

  async none(client: WireClient): Promise<void> {
    let last: unknown;
    await eventually(
      async () => {
        last = await this.list(client);
        return (last as View[]).length === 0 || undefined;
      },
      () => `${client.name.user} has ${JSON.stringify(last)}`,
    );
  }

  /** The client dials a number that answers, or another one. */
  async active(client: WireClient, number = '+3212345678'): Promise<string> {
    const callId = await client.dial(number);
    await this.call(client, callId, 'Active');
    return callId;
  }

  async held(client: WireClient, number?: string): Promise<string> {
    const callId = await this.active(client, number);
    const { status, body } = await client.act(callId, 'hold');
    if (status !== 200) throw new Error(`hold: ${status} ${JSON.stringify(body)}`);
    return callId;
  }
}

function isSettled(client: WireClient, call: View, state: string): boolean {
  const begins = state === 'Active' && RECORDED_ALWAYS.has(client.name.user);
  return call.state === state && (!begins || call.recordingState !== undefined);
}
