import { setTimeout as delay } from 'node:timers/promises';
import type { CallChange, CallRepository } from '../../src/calls/application/call-repository.js';
import { parseMessage } from '../../src/sip/parser.js';
import type { SipHandlers } from '../../src/sip/stack.js';
import type { Answer } from '../support/rest-client.js';
import { type Arrow, essentials, identityOf, type Participant } from './ladder.js';

/** No message and no change of a call in so many glances, one every 50 ms: all is done. */
const QUIET_GLANCES = 8;
const GLANCE_MS = 50;

export type StoredChange = CallChange['calls'][number];

export interface Exchange {
  method: string;
  path: string;
  body?: unknown;
  answer: Answer;
}

/** All that goes between the service and everybody else, in one order, and what the service stores of it. */
export class Capture {
  readonly exchanges: Exchange[] = [];
  private readonly allArrows: Arrow[] = [];
  private readonly allChanges: StoredChange[] = [];
  private readonly known = new Set<string>();
  private readonly dialogs = new Map<Participant, string[]>();
  private from = { arrows: 0, changes: 0 };

  /** The trace of a phone's stack. Registrations, 100 Trying and retransmissions are left out. */
  traffic(phone: Participant): NonNullable<SipHandlers['onTraffic']> {
    return (data, way) => {
      const message = parseMessage(data);
      const identity = identityOf(message);
      const reply = message.kind === 'response';
      if (message.cseq.method === 'REGISTER' || (reply && message.status === 100)) return;
      if (this.known.has(identity)) return;
      this.known.add(identity);
      const [from, to] = way === 'out' ? ([phone, 'service'] as const) : (['service', phone] as const);
      const dialog = this.dialogOf(phone, message.callId);
      this.allArrows.push({ from, to, reply, dialog, text: essentials(message) });
    };
  }

  /** Each change of a call, once it is stored. */
  changesIn(repository: CallRepository): void {
    const save = repository.save.bind(repository);
    repository.save = async (change) => {
      await save(change);
      this.allChanges.push(...change.calls);
    };
  }

  async exchange(request: Omit<Exchange, 'answer'>, send: () => Promise<Answer>): Promise<Answer> {
    const { action } = (request.body ?? {}) as { action?: string };
    const [path] = request.path.split('?');
    const text = `${request.method} ${action ?? `calls/${path?.replace(/^callhalf.*/, '{callId}/')}`}`;
    this.allArrows.push({ from: 'client', to: 'service', reply: false, text });
    const answer = await send();
    this.allArrows.push({ from: 'service', to: 'client', reply: true, text: String(answer.status) });
    this.exchanges.push({ ...request, answer });
    return answer;
  }

  /** What went before is set-up, and not shown. */
  async watch(): Promise<void> {
    await this.quiet();
    this.from = { arrows: this.allArrows.length, changes: this.allChanges.length };
    this.exchanges.length = 0;
  }

  async quiet(): Promise<void> {
    let seen = -1;
    for (let glances = 0; glances < QUIET_GLANCES; glances++) {
      const now = this.allArrows.length + this.allChanges.length;
      if (now !== seen) glances = 0;
      seen = now;
      await delay(GLANCE_MS);
    }
  }

  get arrows(): Arrow[] {
    return this.allArrows.slice(this.from.arrows);
  }

  get changes(): StoredChange[] {
    return this.allChanges.slice(this.from.changes);
  }

  /** Of the whole run, in the order in which the calls began. */
  get callIds(): string[] {
    return [...new Set(this.allChanges.map(({ call }) => call.callId))];
  }

  private dialogOf(phone: Participant, callId: string): number {
    const known = this.dialogs.get(phone) ?? [];
    this.dialogs.set(phone, known);
    if (!known.includes(callId)) known.push(callId);
    return known.indexOf(callId) + 1;
  }
}
