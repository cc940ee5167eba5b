import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { OutsidePhones, pathOf } from '../support/outside-phones.js';
import { readChannels, readSidecar, recordingsOf } from '../support/recorded.js';
import { isRefusedConnection, type StrictAnswer, StrictClient } from '../support/strict-client.js';
import { tonesEver } from '../support/tones.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(60_000);

const CALLS_PER_SECOND = 20;
const PAIRS = 10;
const CALL_MS = 1_000;
const TONES: [number, number][] = [
  [440, 660],
  [550, 770],
  [490, 880],
];

const pair = (name: string, index: number) => [`${name}caller${index}`, `${name}callee${index}`] as const;
/** Calls that come and go. */
const passing = Array.from({ length: PAIRS }, (_, index) => {
  const [caller, callee] = pair('passing', index);
  return [
    { id: caller, extension: `60${String(index).padStart(2, '0')}` },
    { id: callee, extension: `61${String(index).padStart(2, '0')}`, recordingMode: 'Always' },
  ];
});
/** Calls that stay, with audio and recorded on both sides. */
const staying = TONES.map(([callerTone, calleeTone], index) => {
  const [caller, callee] = pair('staying', index);
  const mode = 'On Demand with User Initiated Start';
  return [
    { id: caller, extension: `620${index}`, recordingMode: mode, tone: callerTone },
    { id: callee, extension: `630${index}`, recordingMode: 'Always', tone: calleeTone },
  ];
});

/** `signalled`: whether the service knows already that it is to end is not known. */
type Phase = 'before' | 'signalled' | 'draining' | 'restarting' | 'after';

interface Asked extends StrictAnswer {
  method: string;
  /** In which it was asked and answered; `signalled` where these were two. */
  phase: Phase;
}

describe('a service that is stopped and started again at 20 calls per second', () => {
  const office = new OutsidePhones([...passing, ...staying].flat(), {
    DRAIN_DELAY: '1s',
    DRAIN_TIMEOUT: '4s',
  });
  const client = new StrictClient();
  const answers: Asked[] = [];
  const failures: string[] = [];
  const calls: { caller: string; callee: string; callId: string }[] = [];
  let refusedConnections = 0;
  let phase: Phase = 'before';
  let requests = 0;

  /** By turns on a connection that is kept and on a fresh one; undefined where nobody listens. */
  async function ask(method: string, user: string, path: string, body?: object): Promise<Asked | undefined> {
    const asked = { method, phase };
    const keepAlive = requests++ % 2 === 0;
    try {
      const url = office.service.url + pathOf(user) + path;
      const answer = await client.send(method, url, office.token(user), { keepAlive, ...(body && { body }) });
      answers.push({ method, phase: asked.phase === phase ? phase : 'signalled', ...answer });
      return answers.at(-1);
    } catch (error) {
      if (isRefusedConnection(error)) refusedConnections++;
      else failures.push(`${asked.phase}: ${method}: ${String(error)}`);
      return undefined;
    }
  }

  /** A call from the dial to the release, which is asked for until there is an answer. */
  async function passingCall(index: number): Promise<void> {
    const [caller, callee] = passing[index % PAIRS]!;
    const dialled = await ask('POST', caller!.id, '', { phoneNumber: callee!.extension });
    if (dialled?.status !== 201) return;
    await delay(CALL_MS);
    const path = `${String(dialled.body.callId)}/`;
    while (!(await ask('DELETE', caller!.id, path))) await delay(100);
  }

  const underWay: Promise<void>[] = [];
  const stopped = new AbortController();
  async function load(): Promise<void> {
    const from = Date.now();
    for (let count = 0; !stopped.signal.aborted; count++) {
      await delay(Math.max(0, from + (count * 1_000) / CALLS_PER_SECOND - Date.now()));
      underWay.push(passingCall(count));
      const { caller, callId } = calls[count % calls.length]!;
      underWay.push(ask('GET', caller, `${callId}/`).then(() => undefined));
    }
    await Promise.all(underWay);
  }

  async function stayingCall([caller, callee]: { id: string; extension: string }[]): Promise<void> {
    const callId = await office.as(caller!.id).dial(callee!.extension);
    await Promise.all([office.as(caller!.id).only('Active'), office.as(callee!.id).only('Active')]);
    for (const { id } of [caller!, callee!]) {
      await eventually(
        () => office.phone(id).talk().direction === 'sendrecv' || undefined,
        () => `${id} does not talk`,
      );
      office.speak(id);
    }
    expect((await office.as(caller!.id).modify(callId, 'startRecording')).status).toBe(200);
    calls.push({ caller: caller!.id, callee: callee!.id, callId });
  }

  const countOf = (when: Phase) => answers.filter((each) => each.phase === when).length;

  beforeAll(async () => {
    await office.open();
    for (const each of staying) await stayingCall(each);
    const loaded = load();
    await delay(4_000);
    phase = 'signalled';
    office.service.signal('SIGTERM');
    await eventually(
      () => answers.some(({ status }) => status === 503) || undefined,
      () => 'nothing is refused',
    );
    phase = 'draining';
    expect(await office.service.ended()).toBe(0);
    phase = 'restarting';
    await office.restart();
    phase = 'after';
    await delay(3_000);
    stopped.abort();
    await loaded;
    console.log(
      `${answers.length} answers (${countOf('draining')} while draining, ${countOf('after')} after the restart), ` +
        `${refusedConnections} refused connections, ${failures.length} failures`,
    );
  }, 90_000);

  afterAll(async () => {
    client.close();
    await office.close();
  });

  const statuses = (when: Phase, method: string) => {
    const those = answers.filter((each) => each.phase === when && each.method === method);
    return [...new Set(those.map(({ status }) => status))].toSorted();
  };

  it('drops no connection: each request is answered, or nobody listens any more', () => {
    expect(failures).toEqual([]);
    expect(refusedConnections).toBeGreaterThan(0);
  });

  it('takes calls before, refuses new ones with 503 meanwhile, and takes them afterwards', () => {
    expect(statuses('before', 'POST')).toEqual([201]);
    expect([201, 503]).toEqual(expect.arrayContaining(statuses('signalled', 'POST')));
    expect(statuses('draining', 'POST')).toEqual([503]);
    for (const refused of answers.filter(({ status }) => status === 503))
      expect(refused).toMatchObject({
        headers: { 'retry-after': '5', connection: 'close' },
        body: { type: '/problems/shutting-down' },
      });
    expect(statuses('after', 'POST')).toEqual([201]);
  });

  it('goes on to tell of running calls and to release them', () => {
    expect(statuses('draining', 'GET')).toEqual([200]);
    expect(statuses('draining', 'DELETE')).toEqual([200]);
    expect(statuses('after', 'GET')).toEqual([200]);
  });

  it('has every established call still, which can be held, reconnected and released', async () => {
    for (const { caller, callee, callId } of calls) {
      const theirs = await office.as(callee).only('Active');
      expect(await office.as(caller).only('Active')).toMatchObject({ callId, recordingState: 'Started' });
      expect(theirs).toMatchObject({ recordingState: 'Started' });
      expect((await office.as(caller).hold(callId)).status).toBe(200);
      expect((await office.as(caller).reconnect(callId)).status).toBe(200);
      expect((await office.as(caller).release(callId)).status).toBe(200);
      await office.as(callee).none();
    }
  });

  it('leaves no recording that cannot be played', async () => {
    const folder = office.recordingsDir;
    const files = readdirSync(folder).filter((name) => name.endsWith('.wav'));
    expect(files.length).toBeGreaterThan(2 * calls.length);
    for (const file of files) {
      const id = file.slice(0, -'.wav'.length);
      const about = await eventually(
        () => [readSidecar(folder, id)].find(({ state }) => state === 'complete'),
        () => `${file} is not complete: ${JSON.stringify(readSidecar(folder, id))}`,
      );
      const wav = readFileSync(join(folder, file));
      expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 12)).toBe('RIFFWAVE');
      expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
      expect(about).toMatchObject({
        bytes: wav.length,
        sha256: createHash('sha256').update(wav).digest('hex'),
      });
    }
  });

  it('carries on with the recordings of calls that stayed: both are heard in them, with a gap', () => {
    for (const [index, { caller, callId }] of calls.entries()) {
      const [about, ...more] = recordingsOf(office.recordingsDir, callId);
      expect(more).toEqual([]);
      expect(about?.gaps.map(({ reason }) => reason)).toContain('interrupted');
      const [own, other] = readChannels(office.recordingsDir, about!.recordingId);
      const [callerTone, calleeTone] = TONES[index]!;
      expect(tonesEver(own, TONES.flat())).toEqual([callerTone]);
      expect(tonesEver(other, TONES.flat())).toEqual([calleeTone]);
      expect(about?.durationMs).toBeGreaterThan(6_000);
      expect(office.voice(caller).received.length).toBeGreaterThan(0);
    }
  });
});
