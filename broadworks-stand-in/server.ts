import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Actions } from './actions.ts';
import { wait } from './after.ts';
import { CallSwitch } from './calls/call-switch.ts';
import { Imrns } from './calls/imrn.ts';
import { Control } from './control.ts';
import { Credentials } from './credentials.ts';
import { notFound, Refused } from './errors.ts';
import { Channels } from './events/channels.ts';
import { Events } from './events/events.ts';
import { Subscriptions } from './events/subscriptions.ts';
import { Faults } from './faults.ts';
import { type Answer, type Asked, asked, errorAnswer, jsonAnswer, send, STAYS_OPEN } from './http.ts';
import { World } from './world.ts';

export interface StandInOptions {
  /** 0: any free one. */
  port?: number;
  host?: string;
  /** A file such as `demo-world.json`, which is the default. */
  world?: string;
  /** The administrator. */
  username?: string;
  password?: string;
  /** How old the oldest of ten unacknowledged events may be. */
  ackTimeoutMs?: number;
}

const SLOW_MS = 1000;

/** A switch that speaks Xsi-Actions and Xsi-Events, with `/stand-in` to look behind it. */
export class StandIn {
  private readonly faults = new Faults();
  private readonly calls: CallSwitch;
  private readonly channels: Channels;
  private readonly subscriptions: Subscriptions;
  private readonly actions: Actions;
  private readonly events: Events;
  private readonly control: Control;
  private readonly credentials: Credentials;
  private readonly server: Server;

  constructor(options: StandInOptions = {}) {
    const world = World.read(options.world);
    const { faults } = this;
    const calls = new CallSwitch(world);
    const imrns = new Imrns(calls);
    const channels = new Channels(faults, options.ackTimeoutMs ?? 10_000);
    const subscriptions = new Subscriptions(calls, channels, faults);
    calls.tell = (half, event, reason) => subscriptions.tell(half, event, reason);
    this.calls = calls;
    this.channels = channels;
    this.subscriptions = subscriptions;
    this.actions = new Actions(calls, imrns);
    this.events = new Events({ world, channels, subscriptions, faults });
    this.control = new Control({ calls, imrns, faults, channels, subscriptions });
    this.credentials = new Credentials(
      options.username ?? 'admin',
      options.password ?? 'admin-secret',
      world,
    );
    this.server = createServer((request, response) => void this.serve(request, response));
    // Streams stay open for as long as their channel lives.
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 30_000;
  }

  /** @returns its address */
  async listen({ port = 0, host = '127.0.0.1' }: StandInOptions = {}): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    return `http://${host}:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.calls.reset();
    this.channels.cutAll();
    this.subscriptions.close();
    const closed = new Promise((resolve) => {
      this.server.close(resolve);
    });
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.answer(await asked(request, response));
      if (answer !== STAYS_OPEN) send(response, answer);
    } catch (error) {
      if (!(error instanceof Refused)) console.error(error);
      if (response.headersSent) return void response.destroy();
      const refused =
        error instanceof Refused ? error : new Refused(500, '110000', 'The stand-in has a mistake.');
      const isControl = request.url?.startsWith('/stand-in');
      send(
        response,
        isControl
          ? jsonAnswer({ error: refused.message }, refused.status)
          : errorAnswer(refused, this.faults),
      );
    }
  }

  private async answer(question: Asked): Promise<Answer | typeof STAYS_OPEN> {
    const { path } = question;
    if (path[0] === 'stand-in') return this.control.answer(path.slice(1), question);
    const actsFor = this.credentials.check(question.headers.authorization);
    if (this.faults.strikes('slow')) await wait(SLOW_MS);
    const isAsync = path[0] === 'com.broadsoft.async';
    const [room, version, ...rest] = isAsync ? path.slice(1) : path;
    if (version !== 'v2.0') throw notFound();
    if (rest[0] === 'user' && rest[1] !== undefined) actsFor(rest[1]);
    if (room === 'com.broadsoft.xsi-events') return this.events.answer(rest, isAsync, question);
    const [kind, userId, ...more] = rest;
    if (room !== 'com.broadsoft.xsi-actions' || isAsync || kind !== 'user' || userId === undefined) {
      throw notFound();
    }
    if (question.method === 'GET' && this.faults.strikes('error503')) {
      throw new Refused(503, '110024', 'Out of service for now.');
    }
    return this.actions.answer(userId, more, question);
  }
}
