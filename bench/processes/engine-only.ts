import { Admission } from '#service/calls/application/admission.js';
import { FindDestination } from '#service/calls/application/find-destination.js';
import { type EngineStep, StepRecorder } from '#service/calls/application/call-engine.js';
import type { Call } from '#service/calls/domain/call.js';
import { YamlDirectory } from '#service/directory/yaml/yaml-directory.js';
import { addressOf } from '#service/directory/domain/user.js';
import { RegistrationStore } from '#service/engines/sip/phones/registration-store.js';
import { AnchorCalls } from '#service/imrn/application/anchor-calls.js';
import { DirectMedia } from '#service/media/direct-media.js';
import { SipEngine } from '#service/engines/sip/sip-engine.js';
import { answer } from '../support/asked.ts';
import { pairsOf } from '../support/directory-file.ts';

/** The SIP engine alone: no REST, and a recorder that keeps nothing. Arguments: the directory file, its pairs. */
const [file = '', count = '0'] = process.argv.slice(2);
const pairs = pairsOf(Number(count));

class NoRegistrations extends RegistrationStore {
  override load = () => Promise.resolve([]);
  override save = () => Promise.resolve();
  override remove = () => Promise.resolve();
}

class NoAnchors extends AnchorCalls {
  override claim = () => Promise.resolve(undefined);
}

/** Told how the set-up of a session went: undefined when it is up, else why it ended. */
const settled = new Map<string, (failure?: string) => void>();
const PATIENCE_MS = 10_000;

class KeepsNothing extends StepRecorder {
  override open = (step: EngineStep) => this.record(step);
  override crowded = () => false;
  override readonly away = false;
  override record({ sessionId, facts }: EngineStep): Promise<void> {
    const ended = facts.find((fact) => fact.kind === 'released');
    if (ended) settled.get(sessionId)?.(ended.cause);
    // Once the step is recorded the engine sends its ACKs; the release comes after them.
    else if (facts.some(({ kind }) => kind === 'answered')) setImmediate(() => settled.get(sessionId)?.());
    return Promise.resolve();
  }
}

const directory = await YamlDirectory.load(file);
const destinations = new FindDestination(directory);
const engine = new SipEngine(
  {
    host: '127.0.0.1',
    port: 0,
    ringTimeoutMs: 60_000,
    transferTimeoutMs: 30_000,
    retrieveTimeoutMs: 20_000,
    commandTimeoutMs: 5_000,
    sessionExpiresSeconds: 1_800,
    digestAlgorithms: ['MD5'],
    nonceSecret: 'bench',
  },
  directory,
  destinations,
  new NoRegistrations(),
  new DirectMedia(),
  new NoAnchors(),
  new Admission(),
);
await engine.start(new KeepsNothing(), { calls: [], sessions: [] });
console.log(`SIP on ${engine.address.host}:${engine.address.port}`);

async function cycle(index: number): Promise<void> {
  const { caller, callee } = pairs[index % pairs.length] as (typeof pairs)[number];
  const user = directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId: caller.userId });
  if (!user) throw new Error(`no user ${caller.userId}`);
  const destination = destinations.find(user, callee.extension);
  const ids = await engine.dial({ caller: user, callerAddress: addressOf(user) ?? '', destination });
  const up = new Promise<string | undefined>((resolve) => {
    settled.set(ids.externalTrackingId, resolve);
    setTimeout(() => resolve('nothing happened'), PATIENCE_MS).unref();
  });
  const failure = await up;
  settled.delete(ids.externalTrackingId);
  if (failure !== undefined) throw new Error(`The engine lost a call: ${failure}`);
  await engine.release({ ...ids } as Call);
}

/** Full cycles, so many at once. @returns how many were complete in the time */
async function run({ atOnce, milliseconds }: { atOnce: number; milliseconds: number }): Promise<number> {
  const until = performance.now() + milliseconds;
  let next = 0;
  let complete = 0;
  const worker = async () => {
    while (performance.now() < until) {
      await cycle(next++);
      complete++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return complete;
}

answer({ run });
