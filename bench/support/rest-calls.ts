import type { PhoneReport } from '../processes/phones.ts';
import type { Pair } from './directory-file.ts';
import { type Deferred, deferred, inTime, RestClient } from './rest-client.ts';
import { callsPath, type Service } from './service.ts';

/** The phone that dials sees two ACKs (the set-up asks it twice), the called one sees one. */
export const ACKS = 3;
const BYES = 2;

interface Seen {
  acks: number;
  byes: number;
  up: Deferred;
  down: Deferred;
}

export interface PlacedCall {
  userId: string;
  callId: string;
  externalTrackingId: string;
}

/** Calls through REST to phones of the bench: placed, seen to be up on both phones, released, seen to be down. */
export class RestCalls {
  private readonly sessions = new Map<string, Seen>();
  private readonly rest: RestClient;

  constructor(service: Service) {
    this.rest = new RestClient(service);
  }

  /** What the phones tell. Sessions of others are none of ours, and are forgotten when they end. */
  note(reports: PhoneReport[]): void {
    for (const [what, id] of reports) {
      const seen = this.sessionOf(id);
      if (what === 'ack' && ++seen.acks === ACKS) seen.up.resolve();
      if (what === 'bye' && ++seen.byes === BYES) {
        seen.down.resolve();
        this.sessions.delete(id);
      }
    }
  }

  /** Dials and waits until both phones are through. @throws Error when they are not in time */
  async place({ caller, callee }: Pair): Promise<PlacedCall> {
    const dialled = await this.rest.send('POST', callsPath(caller.userId), { phoneNumber: callee.extension });
    if (dialled.status !== 201) throw new Error(`POST was answered ${dialled.status}: ${dialled.text}`);
    const { callId, externalTrackingId } = JSON.parse(dialled.text) as PlacedCall;
    await inTime(this.sessionOf(externalTrackingId).up.promise, `${callId} did not come up on its phones`);
    return { userId: caller.userId, callId, externalTrackingId };
  }

  /** @throws Error when the call is not released on both phones in time */
  async release({ userId, callId, externalTrackingId }: PlacedCall): Promise<void> {
    const { down } = this.sessionOf(externalTrackingId);
    const released = await this.rest.send('DELETE', `${callsPath(userId)}${callId}/`);
    if (released.status !== 200) throw new Error(`DELETE was answered ${released.status}: ${released.text}`);
    await inTime(down.promise, `${callId} was not hung up on its phones`);
  }

  async stateOf({ userId, callId }: PlacedCall): Promise<string> {
    const { text } = await this.rest.send('GET', `${callsPath(userId)}${callId}/`);
    return (JSON.parse(text) as { state: string }).state;
  }

  stop(): void {
    this.rest.stop();
  }

  private sessionOf(id: string): Seen {
    let seen = this.sessions.get(id);
    if (!seen) {
      seen = { acks: 0, byes: 0, up: deferred(), down: deferred() };
      this.sessions.set(id, seen);
    }
    return seen;
  }
}
