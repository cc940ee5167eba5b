import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PhoneOptions, writeBaresipConfig } from './baresip-config.js';
import { requireDebian } from './debian.js';
import type { Voice } from './rtp-ear.js';
import { readWav, type Recording, toneShare, writeTone } from './tones.js';
import { eventually } from './wait.js';

const BARESIP = '/usr/bin/baresip';

/** What baresip prints over and over during a call. */
const AUDIO_STATUS = /\[\d+:\d\d:\d\d\] audio=\S+ \(bit\/s\)\s*/g;

interface PhoneEvent {
  event: true;
  type: string;
  /** Of the other party, as the phone was told. */
  peeruri?: string;
  param?: string;
}

/** A real phone: baresip without a display, driven over its control socket. It plays a tone and records what it hears. */
export class BaresipPhone implements Voice {
  private readonly folder = mkdtempSync(join(tmpdir(), 'phone-'));
  private readonly process: ChildProcess;
  private control: Socket | undefined;
  private received = Buffer.alloc(0);
  private readonly answers: ((message: { ok: boolean; data: string }) => void)[] = [];
  readonly events: PhoneEvent[] = [];
  log = '';
  readonly name: string;
  readonly firstRtpPort: number;
  readonly toneHz: number;

  private constructor(private readonly options: PhoneOptions) {
    this.name = options.addressOfRecord;
    this.firstRtpPort = options.firstRtpPort;
    this.toneHz = options.toneHz;
    requireDebian(BARESIP, 'baresip');
    writeBaresipConfig(this.folder, options);
    this.process = spawn(BARESIP, ['-4', '-f', this.folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        this.log = (this.log + text.replaceAll(AUDIO_STATUS, '')).slice(-20_000);
      });
    }
  }

  static async start(options: PhoneOptions): Promise<BaresipPhone> {
    const phone = new BaresipPhone(options);
    await phone.connectControl();
    return phone;
  }

  /** Resolves when the registrar has accepted the phone. */
  async registered(): Promise<void> {
    await eventually(
      () => this.log.includes('200 OK () [') || undefined,
      () => `${this.options.addressOfRecord} is not registered\n${this.log}`,
    );
  }

  /** Resolves when the registrar has refused the phone's password. */
  async refused(): Promise<void> {
    await eventually(
      () => this.log.includes('401 Unauthorized ()') || undefined,
      () => `${this.options.addressOfRecord} is not refused\n${this.log}`,
    );
  }

  /** Resolves when the phone has registered once more; it does so every few seconds. */
  registeredAgain(): Promise<void> {
    return this.seen('REGISTER_OK', this.count('REGISTER_OK') + 1);
  }

  /** Waits for an event of the type, `count` in all since the start. */
  seen(type: string, count = 1): Promise<void> {
    return eventually(
      () => this.count(type) >= count || undefined,
      () =>
        `${this.options.addressOfRecord} has seen no ${type} (${count}). Events: ${this.types()}\n${this.log}`,
    ).then(() => undefined);
  }

  count(type: string): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Why its last call ended, such as `486 Busy Here`. */
  reasonClosed(): string {
    return this.events.findLast((event) => event.type === 'CALL_CLOSED')?.param ?? '';
  }

  async dial(uri: string): Promise<void> {
    await this.command('dial', uri);
  }

  async answer(): Promise<void> {
    await this.command('accept');
  }

  async hangup(): Promise<void> {
    await this.command('hangup');
  }

  async hold(): Promise<void> {
    await this.command('hold');
  }

  async resume(): Promise<void> {
    await this.command('resume');
  }

  /** What the person on the phone does to hand the other party over. */
  async transfer(uri: string): Promise<void> {
    await this.command('transfer', uri);
  }

  /** From the next call on. */
  async answerMode(mode: 'auto' | 'manual'): Promise<void> {
    await this.command('answermode', mode);
  }

  /** Says another tone into its calls from now on. */
  async say(toneHz: number): Promise<void> {
    const file = join(this.folder, `tone-${toneHz}.wav`);
    writeTone(file, toneHz, 120);
    await this.command('ausrc', `aufile,${file}`);
  }

  /** Resolves when it rings. */
  async rings(): Promise<void> {
    let calls: string[] = [];
    await eventually(
      async () => {
        calls = await this.calls();
        return calls.some((call) => call.includes('INCOMING')) || undefined;
      },
      () => `${this.name} does not ring but has ${calls.join() || 'no call'}`,
    );
  }

  /** Resolves when the phone has no call and rings for none. */
  async idle(): Promise<void> {
    let calls: string[] = [];
    await eventually(
      async () => {
        calls = await this.calls();
        return calls.length === 0 || undefined;
      },
      () => `${this.name} still has ${calls.join()}`,
    );
  }

  async command(command: string, params?: string): Promise<string> {
    const text = JSON.stringify({ command, ...(params !== undefined && { params }) });
    this.control?.write(`${Buffer.byteLength(text)}:${text},`);
    const { ok, data } = await new Promise<{ ok: boolean; data: string }>((resolve) => {
      this.answers.push(resolve);
    });
    if (!ok) throw new Error(`baresip refused ${command}: ${data}\n${this.log}`);
    return data;
  }

  /** Its calls in its own words, one line each, such as `ESTABLISHED (on hold) sip:…`. */
  async calls(): Promise<string[]> {
    const lines = (await this.command('listcalls')).split('\n');
    return lines.filter((line) => line.includes('[line ')).map((line) => line.replaceAll(/\s+/g, ' '));
  }

  /** What it has recorded of its last call; nothing before the first sound. */
  recorded(): Recording {
    const file = this.recording();
    return file ? readWav(file) : { samples: new Int16Array(), rate: 8000 };
  }

  /**
   * The part of the tone in what the phone itself has recorded of its last call, 0 to 1. Only calls that were
   * never held are recorded whole (see RtpEar).
   */
  shareInRecording(frequency: number): number {
    return toneShare(this.recorded(), frequency);
  }

  /** As a power cut: it hangs up nothing and stays registered. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => {
      this.process.once('exit', resolve);
    });
    this.process.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    this.control?.destroy();
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = new Promise((resolve) => {
        this.process.once('exit', resolve);
      });
      this.process.kill('SIGTERM');
      const timer = setTimeout(() => this.process.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The newest file of what the phone heard. */
  private recording(): string | undefined {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('dec.wav'))
      .map((name) => join(this.folder, name))
      .filter((path) => statSync(path).size > 44)
      .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
      .at(-1);
  }

  private types(): string {
    return this.events.map(({ type }) => type).join(' ');
  }

  private async connectControl(): Promise<void> {
    this.control = await eventually(
      () => tryConnect(this.options.address, 4444),
      () => `baresip does not open its control socket\n${this.log}`,
    );
    this.control.on('error', () => undefined);
    this.control.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.readNetstrings();
    });
  }

  private readNetstrings(): void {
    for (;;) {
      const colon = this.received.indexOf(':');
      if (colon < 0) return;
      const length = Number(this.received.toString('latin1', 0, colon));
      if (this.received.length < colon + 1 + length + 1) return;
      const text = this.received.toString('utf8', colon + 1, colon + 1 + length);
      this.received = this.received.subarray(colon + length + 2);
      const message = JSON.parse(text) as PhoneEvent | { response: true; ok: boolean; data: string };
      if ('event' in message) this.events.push(message);
      else this.answers.shift()?.(message);
    }
  }
}

function tryConnect(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
