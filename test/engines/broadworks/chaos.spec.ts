import { setTimeout as delay } from 'node:timers/promises';
import { CALLERS, CallChaos, PHONES } from '../../support/broadworks/call-chaos.js';
import { ClustersFile } from '../../support/broadworks/clusters-file.js';
import { differences, type WatchedUser } from '../../support/broadworks/in-step.js';
import { Random } from '../../support/broadworks/random.js';
import { type Faults, StandIn } from '../../support/broadworks/stand-in.js';
import { SandboxService } from '../../support/sandbox-service.js';
import { StoredEvents } from '../../support/stored-events.js';
import { eventually } from '../../support/wait.js';

/**
 * The whole service before a switch whose events come twice, late, in the wrong order or not at all, and whose channel
 * breaks: 1,000 calls of all kinds later it tells what the switch knows, and each call has ended once.
 */

const SEED = Number(process.env.SEED ?? 20_260_805);
const CALLS = 1_000;
/** After so long without an event nothing is asked for any more. */
const CALM_MS = 3_000;
const IN_STEP_MS = 5_000;
const OTHERS = ['offlineuser', 'quxuser'];

/** What goes wrong with the events, and how often at most. */
const TROUBLE: Faults = {
  doubled: 0.3,
  late: 0.3,
  reordered: 0.3,
  dropped: 0.1,
  splitChunks: 1,
  cutChannel: 0.02,
  resync: 0.1,
  subscriptionTerminated: 0.02,
  channelTerminated: 0.02,
  heartbeat404: 0.3,
  heartbeat503: 0.3,
  subscribe409: 0.3,
  slow: 0.02,
  error503: 0.1,
  latin1: 0.5,
};

/** Answers that a client can expect: successes, refusals of the contract, and that the switch is out of service. */
const EXPECTED =
  /^\w+ (?:20[01]|400 (?:The|Transfer|Consultative|Recording|User recording|invalid call state)\b.*|404 .*|409 .*|503 The switch of cluster demo .*)$/;

/** What must have succeeded now and then, or the run shows little. */
const COMMANDS = [
  'dial',
  'hold',
  'reconnect',
  'blindTransfer',
  'consultativeTransfer',
  'startRecording',
  'release',
];

let standIn: StandIn;
let clusters: ClustersFile;
let service: SandboxService;
let users: WatchedUser[];

beforeAll(async () => {
  standIn = await StandIn.start();
  clusters = new ClustersFile({ demo: standIn.url });
  service = new SandboxService({ ...clusters.env, RATE_LIMIT: 'off' });
  await service.start();
  const names = [...CALLERS, ...OTHERS];
  users = await Promise.all([
    ...names.map(async (name) => ({ switchUserId: `${name}@foo.example`, client: await service.as(name) })),
    { switchUserId: 'otheruser@bar.example', client: await service.as('otheruser', 'bar', 'bargroup') },
  ]);
}, 30_000);

afterAll(async () => {
  await service.close();
  await standIn.stop();
  clusters.remove();
});

/** Something else goes wrong every moment. */
async function trouble(random: Random, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const faults = Object.entries(TROUBLE).map(([name, most]) => [
      name,
      random.share() < 0.5 ? random.share() * most : 0,
    ]);
    await standIn.faults(Object.fromEntries(faults));
    if (random.share() < 0.1) await standIn.sequence(2_147_483_640);
    if (random.share() < 0.1) await standIn.cutChannels();
    await delay(100 + random.below(400));
  }
}

/** That an event was dropped shows at the next one. */
async function ringOnce(name: string): Promise<void> {
  const outside = '+32470000009';
  const dialled = standIn.dial(outside, `${name}@foo.example`);
  await eventually(
    async () => (await standIn.lookAt(outside)).calls > 0 || undefined,
    () => `${name} is not called`,
  );
  await standIn.press(outside, 'hang-up');
  await dialled;
}

async function expectInStep(): Promise<void> {
  let last: string[] = [];
  await eventually(
    async () => {
      last = await differences(users, standIn);
      return last.length === 0 || undefined;
    },
    () => last.join('\n'),
    50,
    IN_STEP_MS,
  );
}

const without = (faults: Faults) => Object.fromEntries(Object.keys(faults).map((name) => [name, 0]));

it('an event that never came shows at the next one', async () => {
  const [caller, called] = ['LP_foouser', 'LP_baruser'].map((name) => `${name}@sip.example.test`) as [
    string,
    string,
  ];
  expect((await standIn.dial(caller, '5601')).status).toBe(200);
  await expectInStep();
  await delay(CALM_MS);
  await standIn.faults({ dropped: 1 });
  await standIn.press(called, 'hold');
  await standIn.faults({ dropped: 0 });
  await delay(100);
  expect(await differences(users, standIn)).not.toEqual([]);
  for (const phone of PHONES) await standIn.phoneDoes(phone, { does: 'rings' });
  for (const name of ['foouser', 'baruser']) await ringOnce(name);
  await expectInStep();
  await standIn.clear();
}, 30_000);

describe(`1,000 calls and every trouble of the events (SEED=${SEED})`, () => {
  let chaos: CallChaos;

  beforeAll(async () => {
    console.log(`SEED=${SEED}`);
    chaos = new CallChaos(
      users.slice(0, CALLERS.length).map(({ client }) => client),
      standIn,
      SEED,
    );
    const over = new AbortController();
    const troubled = trouble(new Random(SEED - 1), over.signal);
    await chaos.run(CALLS);
    over.abort();
    await troubled;
    await standIn.faults(without(TROUBLE));
    for (const phone of PHONES) await standIn.phoneDoes(phone, { does: 'rings' });
    for (const name of CALLERS) await ringOnce(name);
  }, 120_000);

  it('leave the lists of all users as the switch has them, within 5 seconds', async () => {
    await expectInStep();
  }, 20_000);

  it('are answered with a success or a refusal of the contract', () => {
    expect(Object.keys(chaos.answers).filter((answer) => !EXPECTED.test(answer))).toEqual([]);
    const succeeded = Object.keys(chaos.answers).filter((answer) => / 20[01]$/.test(answer));
    expect(succeeded.map((answer) => answer.split(' ')[0])).toEqual(expect.arrayContaining(COMMANDS));
  });

  it('are dialled as often as was asked, none twice', async () => {
    expect((await standIn.look()).dials).toBe(chaos.dials);
  });

  it('have each ended once when all are over', async () => {
    await standIn.clear();
    await Promise.all(users.map(({ client }) => client.none()));
    const events = new StoredEvents(service.dataDir);
    try {
      await eventually(
        () => events.wrongSince(0).length === 0 || undefined,
        () => events.wrongSince(0).join('\n'),
      );
      const stored = new Set(events.calls);
      expect([...chaos.told].filter((callId) => !stored.has(callId))).toEqual([]);
      const { ended } = await standIn.look();
      const known = new Set(ended);
      expect([...stored].filter((callId) => !known.has(callId))).toEqual([]);
    } finally {
      events.close();
    }
  }, 20_000);
});
