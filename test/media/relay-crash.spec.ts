import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { MediaBridge } from '../../src/media/media.js';
import type { RecordingSidecar } from '../../src/media/recording/recording-sidecar.js';
import { RelayMedia } from '../../src/media/relay/relay-media.js';
import { RtpEndpoint } from '../support/rtp-endpoint.js';
import { readChannels, readSidecar } from '../support/recorded.js';
import { stretch, tonesHeard } from '../support/tones.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(60_000);

const [CALLER, CALLEE] = [440, 700];
const SUPPORT = join(import.meta.dirname, '../support');
const ARGUMENTS = [
  '--experimental-transform-types',
  '--no-warnings',
  '--import',
  join(SUPPORT, 'from-source.mjs'),
  join(SUPPORT, 'relay-process.ts'),
];
/** A process that does not come to its end must not outlive the test. */
const LIMITED = {
  env: { ...process.env, NODE_OPTIONS: '' },
  timeout: 50_000,
  killSignal: 'SIGKILL',
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
} satisfies SpawnOptions;

interface Answer {
  value?: string;
  error?: string;
  bridge?: MediaBridge;
}

describe('the relay of another process', () => {
  let folder: string;
  let options: ConstructorParameters<typeof RelayMedia>[0];
  let child: ChildProcess;
  let failures: { failed: string; reason: string }[];
  let bridge: MediaBridge;
  let caller: RtpEndpoint;
  let callee: RtpEndpoint;
  let order: { id: string; owner: 'caller'; subject: RecordingSidecar['subject'] };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'relay-'));
    options = { host: '127.0.0.1', ports: { first: 30_200, last: 30_399 }, recordingsDir: folder };
    failures = [];
    bridge = { id: randomUUID() };
    caller = await RtpEndpoint.open({ tone: CALLER });
    callee = await RtpEndpoint.open({ tone: CALLEE });
    const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };
    const subject = { callId: 'callhalf-1:0', externalTrackingId: bridge.id, owner };
    order = { id: randomUUID(), owner: 'caller', subject };
  });
  afterEach(async () => {
    await killed();
    await caller.close();
    await callee.close();
    rmSync(folder, { recursive: true });
  });

  /** @param limit of the shell's ulimit, which the relay then has */
  async function start(limit = 'true'): Promise<void> {
    const command = [`${limit}; exec "$0" "$@"`, process.execPath, ...ARGUMENTS, JSON.stringify(options)];
    child = spawn('sh', ['-c', ...command], LIMITED);
    child.on('message', (message: { failed?: string; reason: string }) => {
      if (message.failed !== undefined) failures.push({ failed: message.failed, reason: message.reason });
    });
    await once(child, 'message');
  }

  async function killed(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async function ask(call: string, ...args: unknown[]): Promise<string> {
    const id = randomUUID();
    const answered = new Promise<Answer>((resolve) => {
      const listener = (message: Answer & { id: string }) => {
        if (message.id !== id) return;
        child.off('message', listener);
        resolve(message);
      };
      child.on('message', listener);
    });
    child.send({ id, call, args: [bridge, ...args] });
    const { value = '', error, bridge: noted } = await answered;
    if (error !== undefined) throw new Error(error);
    bridge = noted!;
    return value;
  }

  async function connect(): Promise<void> {
    callee.sendTo(await ask('offer', 'caller', caller.describe()));
    caller.sendTo(await ask('answer', 'callee', callee.describe()));
  }

  async function hearEachOther(): Promise<void> {
    await callee.hears(CALLER);
    await caller.hears(CALLEE);
  }

  const wav = () => readFileSync(join(folder, `${order.id}.wav`));
  const sidecar = () => readSidecar(folder, order.id);

  it('leaves a file that can be played when it is killed, and another process goes on', async () => {
    await start();
    await connect();
    await ask('startRecording', order);
    await hearEachOther();
    const begun = performance.now();
    await delay(3_000);
    await killed();
    const recordedMs = performance.now() - begun;

    const header = wav().readUInt32LE(40);
    expect(wav().length - 44 - header).toBeLessThanOrEqual(32_000);
    expect(header / 32).toBeGreaterThan(recordedMs - 2_000);
    const [left, right] = readChannels(folder, order.id);
    expect(tonesHeard(stretch(left, 1_000, 1_500), [CALLER, CALLEE])).toEqual([CALLER]);
    expect(tonesHeard(stretch(right, 1_000, 1_500), [CALLER, CALLEE])).toEqual([CALLEE]);
    expect(sidecar().state).toBe('recording');

    const next = new RelayMedia(options);
    await next.start();
    try {
      await next.restore(bridge, { caller: caller.describe(), callee: callee.describe() });
      await next.startRecording(bridge, order);
      await hearEachOther();
      await next.close(bridge);
      expect(sidecar()).toMatchObject({ state: 'complete', gaps: [{ reason: 'interrupted' }] });
    } finally {
      await next.stop();
    }
  });

  it('goes on passing the audio when the disk takes no more of the recording', async () => {
    // Blocks of 512 bytes: a second and a half of audio.
    await start('ulimit -f 96');
    await connect();
    await ask('startRecording', order);
    await eventually(
      () => failures.length > 0 || undefined,
      () => 'the recording does not fail',
    );
    await hearEachOther();
    expect(failures).toEqual([{ failed: order.id, reason: 'EFBIG' }]);
    expect(sidecar().state).toBe('failed');
    expect(wav().length).toBe(96 * 512);
    expect(wav().readUInt32LE(40)).toBe(96 * 512 - 44);
    await expect(ask('pauseRecording', order.id, 'paused')).rejects.toThrow('not under way');
  });
});
