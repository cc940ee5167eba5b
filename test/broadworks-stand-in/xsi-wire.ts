import { StandIn, type StandInOptions } from '../../broadworks-stand-in/server.ts';
import { eventually } from '../support/wait.js';

export const ADMIN = `Basic ${Buffer.from('admin:admin-secret').toString('base64')}`;
export const FOO = 'foouser@foo.example';
export const BAR = 'baruser@foo.example';
export const FOO_PHONE = 'LP_foouser@sip.example.test';
export const FOO_MOBILE = 'MB_foouser@sip.example.test';
export const BAR_PHONE = 'LP_baruser@sip.example.test';
export const ANSWERS = '+3212345678';
export const RINGS = '+3212345681';

export interface WireAnswer {
  status: number;
  type: string | null;
  location: string | null;
  body: string;
}

export interface SeenCall {
  userId: string;
  callId: string;
  externalTrackingId: string;
  personality: string;
  state: string;
  remoteAddress?: string;
  addressOfRecord?: string;
  recordingState?: string;
  allowedRecordingControls?: string;
}

/** The stand-in in this process, asked over HTTP. */
export class Wire {
  private constructor(
    private readonly standIn: StandIn,
    readonly url: string,
  ) {}

  static async start(options: StandInOptions = {}): Promise<Wire> {
    const standIn = new StandIn(options);
    return new Wire(standIn, await standIn.listen());
  }

  close(): Promise<void> {
    return this.standIn.close();
  }

  async ask(method: string, path: string, body?: string, authorization: string = ADMIN): Promise<WireAnswer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(authorization !== '' && { authorization }), 'content-type': 'application/xml' },
      ...(body !== undefined && { body }),
    });
    const { status, headers } = response;
    const type = headers.get('content-type');
    const bytes = Buffer.from(await response.arrayBuffer());
    return {
      status,
      type,
      location: headers.get('location'),
      body: bytes.toString(type?.includes('ISO-8859-1') ? 'latin1' : 'utf8'),
    };
  }

  /** Below the calls of a user. */
  calls(method: string, user: string, path = ''): Promise<WireAnswer> {
    return this.ask(method, `/com.broadsoft.xsi-actions/v2.0/user/${user}/calls${path}`);
  }

  /** A click-to-dial that is taken. @returns the ids */
  async dial(user: string, address: string): Promise<{ callId: string; trackingId: string }> {
    const answer = await this.calls('POST', user, `/new?address=${encodeURIComponent(address)}`);
    expect(answer.status).toBe(201);
    return {
      callId: valueIn(answer.body, 'callId') ?? '',
      trackingId: valueIn(answer.body, 'externalTrackingId') ?? '',
    };
  }

  async get(user: string, callId: string): Promise<string> {
    return (await this.calls('GET', user, `/${callId}?allowDetached=True`)).body;
  }

  command(user: string, callId: string, command: string): Promise<WireAnswer> {
    return this.calls('PUT', user, `/${callId}/${command}`);
  }

  async control<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/stand-in/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  phone(address: string, does: string, afterMs?: number): Promise<object> {
    return this.control('PUT', `devices/${encodeURIComponent(address)}`, { does, afterMs });
  }

  press(address: string, key: string, body?: object): Promise<Record<string, unknown>> {
    return this.control('POST', `devices/${encodeURIComponent(address)}/${key}`, body);
  }

  async look(user?: string): Promise<SeenCall[]> {
    const { calls } = await this.control<{ calls: SeenCall[] }>('GET', 'calls');
    return calls.filter(({ userId }) => user === undefined || userId === user);
  }

  /** The one call of the user that is in the state, as soon as there is one. */
  async waitFor(user: string, state: string, but: string[] = []): Promise<SeenCall> {
    let seen: SeenCall[] = [];
    return eventually(
      async () => {
        seen = await this.look(user);
        return seen.find((call) => call.state === state && !but.includes(call.callId));
      },
      () => `no call of ${user} is ${state}: ${JSON.stringify(seen)}`,
      5,
      5_000,
    );
  }

  async none(): Promise<void> {
    await eventually(
      async () => (await this.look()).length === 0 || undefined,
      () => 'some calls do not end',
      5,
      5_000,
    );
  }

  /** A call between foouser, who has placed it, and baruser. */
  async fooTalksWithBar(): Promise<{ foo: SeenCall; bar: SeenCall }> {
    await this.dial(FOO, '5601');
    return { foo: await this.waitFor(FOO, 'Active'), bar: await this.waitFor(BAR, 'Active') };
  }

  /** foouser has baruser on hold and calls the number. @param state that of the call to it, which is waited for */
  async fooConsults(number: string, state: string): Promise<{ held: SeenCall; consulted: SeenCall }> {
    const { foo: held } = await this.fooTalksWithBar();
    await this.command(FOO, held.callId, 'Hold');
    await this.dial(FOO, number);
    return { held, consulted: await this.waitFor(FOO, state, [held.callId]) };
  }
}

/** Text of the first element of that name. */
export function valueIn(xml: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([^<]*)</`).exec(xml)?.[1];
}
