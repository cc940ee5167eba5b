import { eventually } from './wait.js';

export interface CallView {
  callId: string;
  externalTrackingId: string;
  personality: string;
  state: string;
  remoteParty: { address: string; callType: string };
  endpoint: { addressOfRecord: string };
  recordingState?: string;
  allowedRecordingControls?: string;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** Seconds; of a refusal that says when to come again. */
  retryAfter?: string;
}

/** With the slash at its end, as the reference page writes it. */
export function callsPath({ tenant, group, user }: { tenant: string; group: string; user: string }): string {
  return `/api/v1/tenants/${tenant}/groups/${group}/users/${user}/services/calls/`;
}

/** The calls of one user over REST. */
export class RestClient {
  constructor(
    private readonly base: () => string,
    private readonly token: string,
  ) {}

  async dial(phoneNumber: string): Promise<string> {
    const { status, body } = await this.send('POST', '', { phoneNumber });
    if (status !== 201) throw new Error(`dial: ${status} ${JSON.stringify(body)}`);
    return body.callId as string;
  }

  async list(): Promise<CallView[]> {
    return (await this.send('GET', '?includeDetails=true')).body.calls as CallView[];
  }

  hold(callId: string): Promise<Answer> {
    return this.modify(callId, 'hold');
  }

  reconnect(callId: string): Promise<Answer> {
    return this.modify(callId, 'reconnect');
  }

  blindTransfer(callId: string, phoneNumber: string): Promise<Answer> {
    return this.modify(callId, 'blindTransfer', { phoneNumber });
  }

  consultativeTransfer(callId: string, transferCallId: string): Promise<Answer> {
    return this.modify(callId, 'consultativeTransfer', { transferCallId });
  }

  modify(callId: string, action: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.send('PUT', `${callId}/`, { action, ...more });
  }

  retrieve(): Promise<Answer> {
    return this.send('POST', 'retrieve/', {});
  }

  leaseImrn(phoneNumber: string, callingPhoneNumber: string): Promise<Answer> {
    return this.send('POST', 'imrn/', { phoneNumber, callingPhoneNumber });
  }

  release(callId: string): Promise<Answer> {
    return this.send('DELETE', `${callId}/`);
  }

  /** The user's only call, once it is in the state. */
  only(state: string): Promise<CallView> {
    let last: unknown;
    return eventually(
      async () => {
        const calls = await this.list();
        last = calls;
        return calls.length === 1 && calls[0]?.state === state ? calls[0] : undefined;
      },
      () => `no single call in state ${state}, but ${JSON.stringify(last)}`,
    );
  }

  none(): Promise<true> {
    let last: unknown;
    return eventually(
      async () => {
        last = await this.list();
        return (last as unknown[]).length === 0 || undefined;
      },
      () => `calls are left: ${JSON.stringify(last)}`,
    );
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.base() + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const retryAfter = response.headers.get('retry-after');
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
      ...(retryAfter !== null && { retryAfter }),
    };
  }
}
