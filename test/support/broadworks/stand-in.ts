import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../wait.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'broadworks-stand-in/main.ts');

/** One half of a call, as the switch knows it. */
export interface SwitchCall {
  userId: string;
  callId: string;
  externalTrackingId: string;
  personality: string;
  state: string;
  remoteAddress?: string;
  recordingState?: string;
}

export interface SwitchLook {
  calls: SwitchCall[];
  /** Ids of the calls that were. */
  ended: string[];
  /** Calls placed over Xsi-Actions. */
  dials: number;
}

/** What a phone does with calls that come. */
export interface PhoneDoes {
  does: 'answers' | 'rings' | 'declines' | 'busy' | 'absent';
  afterMs?: number;
}

export interface PhoneLook extends PhoneDoes {
  /** Calls that ring there now. */
  ringing: number;
  calls: number;
  /** How often it has rung, and how many of its calls have ended, since the start. */
  rung: number;
  ended: number;
}

export type Press = 'pick-up' | 'hang-up' | 'hold' | 'resume';

/** Its kinds of trouble, and how probable each is: 0 to 1. */
export type Faults = Record<string, number>;

/** The stand-in of a BroadWorks as a process of its own, with the users of the demo directory. */
export class StandIn {
  url = '';
  private readonly child: ChildProcess;
  private log = '';

  private constructor(args: string[]) {
    const { PATH } = process.env;
    this.child = spawn(process.execPath, [MAIN, '--port', '0', ...args], {
      env: { PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-20_000);
      });
    }
  }

  static async start(args: string[] = []): Promise<StandIn> {
    const standIn = new StandIn(args);
    const [, url = ''] = await eventually(
      () => /stand-in on (http:\S+)/.exec(standIn.log) ?? standIn.hasEnded,
      () => `The stand-in does not start:\n${standIn.log}`,
    );
    if (url === '') throw new Error(`The stand-in has ended:\n${standIn.log}`);
    standIn.url = url;
    return standIn;
  }

  /** As no address, where it has. */
  private get hasEnded(): [] | undefined {
    return this.child.exitCode === null ? undefined : [];
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  look(): Promise<SwitchLook> {
    return this.ask('GET', 'calls');
  }

  /** Ends all calls, and puts phones and faults back. */
  clear(): Promise<void> {
    return this.ask('DELETE', 'calls');
  }

  /** @param address an address of record, or a number outside */
  lookAt(address: string): Promise<PhoneLook> {
    return this.ask('GET', `devices/${address}`);
  }

  phoneDoes(address: string, does: PhoneDoes): Promise<void> {
    return this.ask('PUT', `devices/${address}`, does);
  }

  press(address: string, what: Press): Promise<void> {
    return this.ask('POST', `devices/${address}/${what}`);
  }

  /** Resolves when the call is answered or refused. @returns a status of SIP */
  dial(address: string, number: string): Promise<{ status: number }> {
    return this.ask('POST', `devices/${address}/dial`, { number });
  }

  faults(faults: Faults): Promise<void> {
    return this.ask('PUT', 'faults', faults);
  }

  /** Of the next event of every subscription. */
  sequence(next: number): Promise<void> {
    return this.ask('PUT', 'sequence', { next });
  }

  cutChannels(): Promise<void> {
    return this.ask('POST', 'channels/cut');
  }

  recordingFails(fails: boolean): Promise<void> {
    return this.ask('PUT', 'recording', { fails });
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/stand-in/${path.replaceAll('+', '%2B')}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /stand-in/${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
