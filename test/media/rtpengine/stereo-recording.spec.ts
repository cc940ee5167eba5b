import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingFiles } from '../../../src/media/recording/recording-files.js';
import type { RecordingWriter } from '../../../src/media/recording/recording-writer.js';
import { StereoRecording } from '../../../src/media/rtpengine/stereo-recording.js';
import { toMuLaw } from '../../support/g711-encode.js';
import { readWav } from '../../support/tones.js';

const T0 = Date.parse('2026-01-02T03:04:05.000Z');

function packetOf(timestamp: number, sample: number): Buffer {
  const packet = Buffer.alloc(12 + 160, toMuLaw(sample));
  packet.writeUInt32BE(0x80_00_00_00, 0);
  packet.writeUInt32BE(timestamp, 4);
  packet.writeUInt32BE(1, 8);
  return packet;
}

describe('a recording from a capture', () => {
  let folder: string;
  let id: string;
  let writer: RecordingWriter;
  let recording: StereoRecording;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'recordings-'));
    id = randomUUID();
    const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };
    const subject = { callId: 'callhalf-1:0', externalTrackingId: id, owner };
    writer = await new RecordingFiles(folder).open({ id, owner: 'callee', subject }, T0);
    recording = new StereoRecording(writer, 'callee');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** In thousands, at so many milliseconds: left and right. */
  function heardAt(...places: number[]): [left: number, right: number][] {
    const { samples } = readWav(join(folder, `${id}.wav`));
    const thousands = (at: number) => Math.round(samples[at]! / 1_000);
    return places.map((ms) => [thousands(16 * ms), thousands(16 * ms + 1)]);
  }
  const lengthMs = () => readWav(join(folder, `${id}.wav`)).samples.length / 16;

  it('has the owner on the left, wherever each packet was captured', async () => {
    recording.begin(T0);
    await recording.add('caller', packetOf(0, 5_000), T0 + 20);
    await recording.add('callee', packetOf(0, -9_000), T0 + 60);
    recording.endAt(T0 + 80);
    await recording.cut();
    await writer.complete(T0 + 80);
    expect(heardAt(10, 30, 50, 70)).toEqual([
      [0, 5],
      [0, 0],
      [-9, 0],
      [0, 0],
    ]);
  });

  it('takes no packet from before its stretch or after it', async () => {
    recording.begin(T0);
    await recording.add('callee', packetOf(0, 1_000), T0 - 100);
    await recording.add('callee', packetOf(960, 2_000), T0 + 20);
    recording.endAt(T0 + 100);
    await recording.add('callee', packetOf(16_000, 3_000), T0 + 1_900);
    await recording.cut();
    await recording.add('callee', packetOf(16_160, 4_000), T0 + 120);
    await writer.complete(T0 + 100);
    expect(lengthMs()).toBe(100);
    expect(heardAt(10, 90)).toEqual([
      [2, 0],
      [0, 0],
    ]);
  });

  it('holds hours of silence between two words', async () => {
    const hour = 3_600_000;
    recording.begin(T0);
    await recording.add('callee', packetOf(0, 1_000), T0 + 20);
    await recording.add('callee', packetOf(160, 2_000), T0 + hour);
    recording.endAt(T0 + hour + 50);
    await recording.cut();
    await writer.complete(T0 + hour + 50);
    expect(lengthMs()).toBe(hour + 50);
    expect(heardAt(10, hour / 2, hour - 10, hour + 30)).toEqual([
      [1, 0],
      [0, 0],
      [2, 0],
      [0, 0],
    ]);
  }, 30_000);
});
