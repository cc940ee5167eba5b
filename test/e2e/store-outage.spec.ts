import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import type { DialogState } from '../../src/sip/dialog.js';
import { CallLoad } from '../support/call-load.js';
import { freePorts } from '../support/free-ports.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import type { RestClient } from '../support/rest-client.js';
import { RtpEndpoint } from '../support/rtp-endpoint.js';
import { SandboxService } from '../support/sandbox-service.js';
import { SipPhone } from '../support/sip-phone.js';
import { wrongWith } from '../support/stored-events.js';
import { eventually } from '../support/wait.js';

/** What the store may take to say that it is away; then a command is answered. */
const BOUND_MS = 7_000;
const RTP_PORTS = 200;
const [FOO_HZ, BAR_HZ] = [440, 700];
const PACKETS_PER_MS = 1 / 20;

/** What a tenth that is lost or late leaves of the packets of the time. */
function leastPackets(ms: number): number {
  return ms * PACKETS_PER_MS * 0.9;
}

/** Megabytes that are used after a garbage collection. */
function usedMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Users with calls that last, of which each meets something else while the store is away. */
class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'outage-'));
  server!: Postgres;
  service!: SandboxService;
  foo!: SipPhone;
  bar!: SipPhone;
  baz!: SipPhone;
  audio!: Record<'foo' | 'bar', RtpEndpoint>;
  load!: CallLoad;
  /** bazuser's of the call with baruser, and of the one with foouser. */
  dialogs!: Record<'toBar' | 'toFoo', DialogState>;

  async open(): Promise<void> {
    this.server = await startPostgres(join(this.folder, 'data'));
    const first = await freePorts(RTP_PORTS);
    this.service = new SandboxService({
      DATABASE_URL: await this.server.database('calls'),
      RTP_PORTS: `${first}-${first + RTP_PORTS - 1}`,
      RING_TIMEOUT: '40s',
    });
    await this.service.start();
    this.audio = {
      foo: await RtpEndpoint.open({ tone: FOO_HZ }),
      bar: await RtpEndpoint.open({ tone: BAR_HZ }),
    };
    this.foo = await SipPhone.register('LP_foouser', this.service.sip, { audio: this.audio.foo });
    this.bar = await SipPhone.register('LP_baruser', this.service.sip, { audio: this.audio.bar });
    this.baz = await SipPhone.register('LP_bazuser', this.service.sip);
  }

  /** The calls of before: foouser talks with baruser, and so on; one of foouser's rings. */
  async placeCalls(): Promise<void> {
    await this.foo.dial('5601');
    await this.talk();
    this.foo.audio = this.bar.audio = undefined;
    await this.baz.dial('5601');
    const toBar = this.baz.dialog as DialogState;
    await this.foo.dial('5602');
    this.dialogs = { toBar, toFoo: this.baz.dialog as DialogState };
    this.foo.onInvite = (incoming) => this.foo.ring(incoming);
    await (await this.service.as('bazuser')).dial('5600');
    await eventually(
      () => this.foo.ringing || undefined,
      () => 'foo does not ring',
    );
    const users = ['pauseuser', 'demanduser', 'pauseuser', 'demanduser', 'pauseuser', 'demanduser'];
    const clients = await Promise.all(users.map((user) => this.service.as(user)));
    this.load = new CallLoad(clients, '+3212345678');
  }

  /** Both hear each other from now on. */
  async talk(): Promise<void> {
    await Promise.all([this.audio.foo.hears(BAR_HZ), this.audio.bar.hears(FOO_HZ)]);
  }

  client(user: string): Promise<RestClient> {
    return this.service.as(user);
  }

  /** Of all calls that the store has, of the user. */
  async kindsOf(userId: string): Promise<string[]> {
    const { calls } = await this.service.repository.loadOngoing();
    const own = calls.filter(({ owner }) => owner.userId === userId);
    const events = await Promise.all(own.map(({ callId }) => this.service.eventsOf(callId)));
    return events.map((ofCall) => ofCall.map(({ fact }) => fact.kind).join(' '));
  }

  async close(): Promise<void> {
    await this.load?.cease();
    await Promise.all([this.foo, this.bar, this.baz].map((phone) => phone?.stop()));
    await Promise.all(Object.values(this.audio ?? {}).map((endpoint) => endpoint.close()));
    await this.service?.close();
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe.each([
  ['is stopped', 'fast', 10_000],
  ['is killed', 'killed', 4_000],
] as const)('PostgreSQL that %s and comes back', (_, how, awayMs) => {
  const scene = new Scene();
  /** Milliseconds since 1970: it was there before, was not in between, and was used again. */
  const away = { from: 0, to: 0, over: 0 };
  const heap = { before: 0, grown: 0 };
  let waiting = 0;
  let packets: Record<'foo' | 'bar', number>;
  const refused: string[] = [];
  const readiness: { meanwhile?: unknown } = {};
  let ofFoo: string | undefined;

  beforeAll(async () => {
    await scene.open();
    await scene.placeCalls();
    await delay(3_000);
    const fooCalls = (await scene.service.repository.loadOngoing()).calls;
    ofFoo = fooCalls.find(
      ({ owner, personality, remoteParty }) =>
        owner.userId === 'foouser' && personality === 'Originator' && remoteParty.address.endsWith('5602'),
    )?.callId;
    const heard = () => ({ foo: scene.audio.foo.received.length, bar: scene.audio.bar.received.length });

    await scene.server.pause(how);
    away.from = Date.now();
    heap.before = usedMb();
    const before = heard();
    await happensMeanwhile();
    await delay(Math.max(0, away.from + awayMs - Date.now()));
    const after = heard();
    packets = { foo: after.foo - before.foo, bar: after.bar - before.bar };
    heap.grown = usedMb() - heap.before;
    waiting = scene.service.waiting;
    away.to = Date.now();
    await scene.server.resume();
    await eventually(
      () => (scene.service.waiting === 0 ? true : undefined),
      () => `${scene.service.waiting} steps still wait`,
    );
    away.over = Date.now() + 1_000;
    await delay(2_000);
    await scene.load.cease();
  }, 60_000);
  afterAll(() => scene.close(), 30_000);

  async function happensMeanwhile(): Promise<void> {
    const { foo, baz, dialogs, service } = scene;
    await expect(service.storeHealth.check()).rejects.toThrow(StoreUnavailable);
    readiness.meanwhile = await readinessOf(service.url);
    for (const direction of ['sendonly', 'sendrecv', 'sendonly'] as const) {
      const { status } = await baz.sendInDialog('INVITE', baz.offer(direction), { dialog: dialogs.toBar });
      refused.push(`hold on the phone: ${status}`);
    }
    await baz.sendInDialog('BYE', undefined, { dialog: dialogs.toFoo });
    foo.pickUp();
    const { status, headers } = await baz.dial('5601');
    refused.push(`a new call: ${status}, retry-after ${headers['retry-after']?.[0]}`);
  }

  it('readiness says so meanwhile, and that all is well afterwards', async () => {
    expect(readiness.meanwhile).toMatchObject({
      code: 503,
      status: 'error',
      parts: { store: { status: 'down' } },
    });
    expect(await readinessOf(scene.service.url)).toMatchObject({ code: 200, status: 'ok' });
  });

  it('commands and readings are refused with 503 and Retry-After meanwhile, in a bounded time', () => {
    const meanwhile = scene.load.between(away.from, away.to);
    expect(meanwhile.length).toBeGreaterThan(20);
    expect(new Set(meanwhile.map(({ what }) => what))).toContain('dial');
    const others = meanwhile.filter(({ status, retryAfter }) => status !== 503 || retryAfter === undefined);
    expect(others).toEqual([]);
    const { asked } = scene.load;
    expect(Math.max(...asked.map(({ tookMs }) => tookMs))).toBeLessThan(BOUND_MS);
    expect([...new Set(asked.map(({ status }) => status))].filter((status) => status === 500)).toEqual([]);
  });

  it('is used again when it is back', async () => {
    await scene.service.storeHealth.check();
    const since = scene.load.between(away.over, Infinity).map(({ status }) => status);
    expect(since.length).toBeGreaterThan(0);
    expect(since).not.toContain(503);
  });

  it('those who talk hear each other all the time', async () => {
    expect(packets.foo).toBeGreaterThan(leastPackets(awayMs - scene.audio.bar.stalledMs));
    expect(packets.bar).toBeGreaterThan(leastPackets(awayMs - scene.audio.foo.stalledMs));
    await scene.talk();
  });

  it('a phone may put its call on hold, but begins no new one', () => {
    expect(refused).toEqual([
      'hold on the phone: 200',
      'hold on the phone: 200',
      'hold on the phone: 200',
      'a new call: 503, retry-after 5',
    ]);
  });

  it('what happened meanwhile is in the store afterwards, in order', async () => {
    expect(await scene.kindsOf('bazuser')).toContain(
      'originated remoteRinging answered held reconnected held',
    );
    expect(await scene.kindsOf('bazuser')).toContain('dialed deviceAnswered remoteRinging answered');
    const events = await scene.service.eventsOf(ofFoo ?? '');
    const last = events.at(-1)?.fact;
    expect(last).toMatchObject({ kind: 'released', cause: 'normal', by: 'remote' });
    expect(last?.at).toBeLessThan(away.to);
  });

  it('memory does not grow with the time that it is away', () => {
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(60);
    expect(heap.grown).toBeLessThan(20);
  });

  it('each call that a client was told of is there, and ends once', async () => {
    const ongoing = (await scene.service.repository.loadOngoing()).calls;
    for (const { owner, callId } of ongoing) {
      const client = await scene.client(owner.userId);
      expect([200, 404]).toContain((await client.release(callId)).status);
    }
    await eventually(
      async () => ((await scene.service.repository.loadOngoing()).calls.length === 0 ? true : undefined),
      () => 'calls are left',
    );
    expect((await scene.service.repository.loadOngoing()).sessions).toEqual([]);
    const told = [...scene.load.begun, ...ongoing.map(({ callId }) => callId)];
    const wrong = await Promise.all(
      told.map(async (callId) =>
        wrongWith(await scene.service.eventsOf(callId)).map((what) => `${callId} ${what}`),
      ),
    );
    expect(wrong.flat()).toEqual([]);
  });
});

async function readinessOf(url: string): Promise<unknown> {
  const answer = await fetch(`${url}/health/ready`);
  return { code: answer.status, ...((await answer.json()) as object) };
}
