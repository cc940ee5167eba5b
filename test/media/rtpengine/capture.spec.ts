import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingFailed } from '../../../src/media/media.js';
import { type Ask, Capture } from '../../../src/media/rtpengine/capture.js';
import { NgRefusal } from '../../../src/media/rtpengine/ng-client.js';
import { Spool } from '../../../src/media/rtpengine/spool.js';
import { captureOf } from '../../support/pcap-file.js';

const STREAM = {
  'local port': 30_000,
  endpoint: { address: '10.0.0.1', port: 4_000 },
  flags: ['RTP'],
};
const STREAMS = { tags: { callee: { medias: [{ streams: [STREAM] }] } } };

describe('a capture', () => {
  let folder: string;
  let callId: string;
  let file: string;
  let heard: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spool-'));
    for (const each of ['pcaps', 'metadata', 'tmp']) mkdirSync(join(folder, each));
    callId = `a/b ${randomUUID()}`;
    file = join(folder, 'pcaps', `${encodeURIComponent(callId)}-0123456789abcdef.pcap`);
    heard = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Answers as rtpengine does, and writes such packets. */
  function writing(atMs: () => number, payload = 'hello'): Ask {
    return async (command) => {
      if (command === 'start recording') writeFileSync(file, captureOf([{ atMs: atMs(), payload }]));
      return command === 'query' ? { result: 'ok', ...STREAMS } : { result: 'ok' };
    };
  }

  function begin(ask: Ask): Promise<Capture> {
    return Capture.begin({
      callId,
      spool: new Spool(folder),
      ask,
      learnSources: false,
      onAudio: async (side, rtp) => {
        heard.push(`${side}: ${rtp.toString()}`);
      },
    });
  }

  it('hands on what each side says', async () => {
    const capture = await begin(writing(() => Date.now()));
    await capture.end();
    expect(heard).toEqual(['callee: hello']);
  });

  it.each([
    ['an hour behind', -3_600_000],
    ['an hour ahead', 3_600_000],
  ])('fails where the clock of rtpengine is %s', async (_, difference) => {
    const capture = await begin(writing(() => Date.now() + difference));
    await expect(capture.follow()).rejects.toThrow(RecordingFailed);
    await capture.end().catch(() => undefined);
  });

  it('fails where the file is none of a capture', async () => {
    const capture = await begin(async (command) => {
      if (command === 'start recording') writeFileSync(file, 'x'.repeat(100));
      return { result: 'ok', ...STREAMS };
    });
    await expect(capture.follow()).rejects.toThrow(RecordingFailed);
    await capture.end().catch(() => undefined);
  });

  it('does not begin for a call that rtpengine does not know, nor without a file', async () => {
    await expect(begin(() => Promise.reject(new NgRefusal('Unknown call-id')))).rejects.toThrow(
      new RecordingFailed('Unknown call-id'),
    );
    await expect(begin(async () => ({ result: 'ok' }))).rejects.toThrow(RecordingFailed);
    rmSync(join(folder, 'pcaps'), { recursive: true });
    await expect(begin(async () => ({ result: 'ok' }))).rejects.toThrow(new RecordingFailed('ENOENT'));
    mkdirSync(join(folder, 'pcaps'));
  });

  it('takes no file of another call, and deletes none', async () => {
    const others = [
      `${file}x`,
      join(folder, 'pcaps', `x${encodeURIComponent(callId)}-0123456789abcdef.pcap`),
    ];
    const longer = join(folder, 'pcaps', `${encodeURIComponent(callId)}-more-0123456789abcdef.pcap`);
    for (const other of [...others, longer]) writeFileSync(other, '');
    const capture = await begin(writing(() => Date.now()));
    await capture.end();
    await new Spool(folder).forget(callId);
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(join(folder, 'pcaps'))).toHaveLength(3);
    expect(heard).toHaveLength(1);
  });
});
