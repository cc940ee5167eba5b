import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, RestClient } from './rest-client.js';

const TALK_MS = 400;

/** One request of the load. */
export interface Asked extends Answer {
  what: string;
  /** Milliseconds since 1970. */
  at: number;
  tookMs: number;
}

/** Users who place calls, look at them and end them, one after the other, until told to cease. */
export class CallLoad {
  readonly asked: Asked[] = [];
  /** Calls that a client was told of. */
  readonly begun: string[] = [];
  private ceased = false;
  private readonly loops: Promise<void>[];

  constructor(clients: RestClient[], number: string) {
    this.loops = clients.map((client) => this.loop(client, number));
  }

  async cease(): Promise<void> {
    this.ceased = true;
    await Promise.all(this.loops);
  }

  /** What was asked and answered within the time. */
  between(from: number, to: number): Asked[] {
    return this.asked.filter(({ at, tookMs }) => at > from && at + tookMs < to);
  }

  private async loop(client: RestClient, number: string): Promise<void> {
    while (!this.ceased) {
      const dialed = await this.ask('dial', () => client.send('POST', '', { phoneNumber: number }));
      const callId = dialed.status === 201 ? String(dialed.body.callId) : undefined;
      if (callId) this.begun.push(callId);
      await delay(TALK_MS);
      await this.ask('list', () => client.send('GET', '?includeDetails=true'));
      if (!callId) continue;
      await this.ask('hold', () => client.hold(callId));
      await this.ask('release', () => client.release(callId));
    }
  }

  private async ask(what: string, send: () => Promise<Answer>): Promise<Answer> {
    const at = Date.now();
    const answer = await send();
    this.asked.push({ ...answer, what, at, tookMs: Date.now() - at });
    return answer;
  }
}
