import { createHash, randomUUID } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingFailed, type RecordingOrder } from '../../src/media/media.js';
import { RecordingFiles } from '../../src/media/recording/recording-files.js';
import { readSidecar } from '../support/recorded.js';

const T0 = Date.parse('2026-01-02T03:04:05.000Z');
const SUBJECT = {
  callId: 'callhalf-1:0',
  externalTrackingId: randomUUID(),
  owner: { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' },
};
const NOBODY: ReadonlySet<string> = new Set();

/** So many milliseconds of one sample on the left and one on the right. */
function sound(milliseconds: number, left: number, right: number): Int16Array {
  return Int16Array.from({ length: milliseconds * 16 }, (_, at) => (at % 2 ? right : left));
}

describe('the folder of recordings', () => {
  let parent: string;
  let folder: string;
  let files: RecordingFiles;
  let order: RecordingOrder;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'recordings-'));
    folder = join(parent, 'below', 'recordings');
    files = new RecordingFiles(folder);
    order = { id: randomUUID(), owner: 'caller', subject: SUBJECT };
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  const wav = () => readFileSync(join(folder, `${order.id}.wav`));
  const samples = () => new Int16Array(new Uint8Array(wav().subarray(44)).buffer);
  const sidecar = () => readSidecar(folder, order.id);

  it('holds a stereo WAV and what is to be known of it', async () => {
    const writer = await files.open(order, T0);
    expect(sidecar()).toEqual({
      recordingId: order.id,
      subject: SUBJECT,
      file: `${order.id}.wav`,
      channels: { left: 'owner', right: 'remoteParty' },
      sampleRate: 8_000,
      startedAt: '2026-01-02T03:04:05.000Z',
      gaps: [],
      state: 'recording',
    });
    await writer.append(sound(500, 11, 22));
    await writer.append(sound(500, 33, 44));
    await writer.complete(T0 + 1_000);
    expect(sidecar()).toMatchObject({
      state: 'complete',
      endedAt: '2026-01-02T03:04:06.000Z',
      durationMs: 1_000,
      bytes: 44 + 32_000,
      sha256: createHash('sha256').update(wav()).digest('hex'),
    });
    expect(wav().subarray(0, 44).toString('hex')).toBe(
      '52494646247d000057415645666d7420' +
        '10000000010002' +
        '00401f0000007d0000' +
        '04001000' +
        '64617461007d0000',
    );
    expect(samples()).toEqual(Int16Array.from([...sound(500, 11, 22), ...sound(500, 33, 44)]));
  });

  it('is readable by nobody else', async () => {
    await (await files.open(order, T0)).complete(T0);
    const modes = [folder, ...readdirSync(folder).map((name) => join(folder, name))].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it('tells in the header of an unfinished file what is in it, half a second late at most', async () => {
    const writer = await files.open(order, T0);
    for (let at = 0; at < 5; at++) {
      await writer.append(sound(250, 1, 2));
      expect(wav().readUInt32LE(40)).toBeGreaterThanOrEqual(wav().length - 44 - 16_000);
    }
    await writer.complete(T0);
  });

  it('names the stretches that were left out, with their place in the file', async () => {
    const writer = await files.open(order, T0);
    await writer.append(sound(500, 1, 1));
    await writer.beginGap('paused', T0 + 500);
    expect(sidecar().gaps).toEqual([{ reason: 'paused', atMs: 500, from: '2026-01-02T03:04:05.500Z' }]);
    await writer.endGap(T0 + 3_000);
    await writer.append(sound(250, 2, 2));
    await writer.beginGap('paused', T0 + 3_250);
    await writer.beginGap('held', T0 + 4_000);
    await writer.complete(T0 + 5_000);
    const gap = { to: '2026-01-02T03:04:09.000Z', from: '2026-01-02T03:04:08.250Z', atMs: 750 };
    expect(sidecar().gaps).toEqual([
      { reason: 'paused', atMs: 500, from: '2026-01-02T03:04:05.500Z', to: '2026-01-02T03:04:08.000Z' },
      { reason: 'paused', ...gap },
      { reason: 'held', atMs: 750, from: gap.to, to: '2026-01-02T03:04:10.000Z' },
    ]);
    expect(sidecar().durationMs).toBe(750);
  });

  it('lets the next process carry on, with the time between as a gap', async () => {
    const former = await files.open(order, T0);
    await former.append(sound(500, 1, 1));
    await former.beginGap('paused', T0 + 500);
    await former.endGap(T0 + 1_000);
    await former.append(sound(250, 2, 2));
    await former.leave();
    const next = await new RecordingFiles(folder).open(order, T0 + 9_000);
    expect(sidecar().gaps.at(-1)).toEqual({
      reason: 'interrupted',
      atMs: 750,
      from: '2026-01-02T03:04:06.250Z',
      to: '2026-01-02T03:04:14.000Z',
    });
    await next.append(sound(250, 3, 3));
    await next.complete(T0 + 9_250);
    expect(samples()).toEqual(
      Int16Array.from([...sound(500, 1, 1), ...sound(250, 2, 2), ...sound(250, 3, 3)]),
    );
    expect(sidecar()).toMatchObject({ state: 'complete', startedAt: '2026-01-02T03:04:05.000Z' });
  });

  it('ends the pause of the former process when it is carried on with', async () => {
    const former = await files.open(order, T0);
    await former.beginGap('held', T0 + 500);
    await former.leave();
    await (await files.open(order, T0 + 9_000)).leave();
    expect(sidecar().gaps).toEqual([
      { reason: 'held', atMs: 0, from: '2026-01-02T03:04:05.500Z', to: '2026-01-02T03:04:14.000Z' },
    ]);
  });

  it('completes what a crash has left, but nothing that is carried on with', async () => {
    const crashed = await files.open(order, T0);
    await crashed.append(sound(1_000, 1, 1));
    await crashed.leave();
    truncateSync(join(folder, `${order.id}.wav`), 44 + 16_002);
    await files.finishAbandoned(new Set([order.id]));
    expect(sidecar().state).toBe('recording');
    await files.finishAbandoned(NOBODY);
    expect(wav().readUInt32LE(40)).toBe(16_000);
    expect(sidecar()).toMatchObject({
      state: 'complete',
      endedAt: '2026-01-02T03:04:05.500Z',
      durationMs: 500,
      bytes: 16_044,
      sha256: createHash('sha256').update(wav()).digest('hex'),
    });
  });

  it('lists as failed what has no audio, and leaves alone what is none of its own', async () => {
    await (await files.open(order, T0)).leave();
    rmSync(join(folder, `${order.id}.wav`));
    for (const name of ['notes.json', `${randomUUID()}.json`]) writeFileSync(join(folder, name), 'no JSON');
    await files.finishAbandoned(NOBODY);
    expect(sidecar().state).toBe('failed');
    await new RecordingFiles(join(parent, 'not there')).finishAbandoned(NOBODY);
  });

  it('closes a failed recording, which says so', async () => {
    const writer = await files.open(order, T0);
    await writer.append(sound(125, 1, 1));
    await writer.fail();
    expect(wav().readUInt32LE(40)).toBe(4_000);
    expect(sidecar().state).toBe('failed');
    await expect(writer.append(sound(20, 1, 1))).rejects.toThrow(/closed/);
  });

  it.each(['', '../x', `${randomUUID()}/../../x`, `${randomUUID()}.wav`])(
    'takes no id but a UUID: "%s"',
    async (id) => {
      await expect(files.open({ ...order, id }, T0)).rejects.toThrow(RecordingFailed);
    },
  );

  it('refuses a recording where the folder cannot be made', async () => {
    writeFileSync(join(parent, 'file'), '');
    const below = new RecordingFiles(join(parent, 'file', 'recordings'));
    await expect(below.open(order, T0)).rejects.toThrow(
      new RecordingFailed('The recording cannot be written: ENOTDIR'),
    );
  });
});
