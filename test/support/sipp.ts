import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireDebian } from './debian.js';
import { toMuLaw } from './g711-encode.js';
import type { Voice } from './rtp-ear.js';
import {
  asksForOffers,
  callsAndConverses,
  callsAndHangsUp,
  cancelsWhileRinging,
  isDeclined,
  TONE_FILE,
  TRUNK_SCENARIOS,
} from './sipp-scenarios.js';

const SIPP = '/usr/bin/sipp';
/** The trunk's address; the service takes calls from there. */
export const TRUNK = { host: '127.0.0.9', port: 5090 };

/** sipp as the trunk, for one call. */
export class SippTrunk implements Voice {
  readonly name = 'the trunk';
  readonly toneHz = 550;
  readonly firstRtpPort = 20_400;
  private readonly folder = mkdtempSync(join(tmpdir(), 'sipp-'));
  private readonly process: ChildProcess;
  private output = '';

  private constructor(steps: string, args: string[]) {
    requireDebian(SIPP, 'sip-tester');
    const file = join(this.folder, 'scenario.xml');
    writeFileSync(
      file,
      `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="trunk">${steps}\n</scenario>\n`,
    );
    writeFileSync(join(this.folder, TONE_FILE), oneSecondOf(this.toneHz));
    const own = ['-i', TRUNK.host, '-p', String(TRUNK.port), '-m', '1', '-nostdin', '-timeout', '25s'];
    const audio = ['-mi', TRUNK.host, '-mp', String(this.firstRtpPort)];
    const errors = ['-trace_err', '-error_file', join(this.folder, 'errors.log')];
    this.process = spawn(SIPP, [...args, '-sf', file, ...own, '-timeout_error', ...audio, ...errors], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-5_000);
      });
    }
  }

  /** Waits for one call from the service. */
  static serves(scenario: keyof typeof TRUNK_SCENARIOS): SippTrunk {
    return new SippTrunk(TRUNK_SCENARIOS[scenario], []);
  }

  /** Calls a user of the service, talks for a while and hangs up. */
  static calls(number: string, from: string, service: { host: string; port: number }): SippTrunk {
    return new SippTrunk(callsAndHangsUp(number, from), [`${service.host}:${service.port}`]);
  }

  /** Calls a number and talks until it is hung up. */
  static converses(number: string, from: string, service: { host: string; port: number }): SippTrunk {
    return new SippTrunk(callsAndConverses(number, from), [`${service.host}:${service.port}`]);
  }

  /** Calls a number and is refused with 603. */
  static isDeclined(number: string, from: string, service: { host: string; port: number }): SippTrunk {
    return new SippTrunk(isDeclined(number, from), [`${service.host}:${service.port}`]);
  }

  /** Calls a user of the service and gives up while it rings. */
  static givesUp(number: string, from: string, service: { host: string; port: number }): SippTrunk {
    return new SippTrunk(cancelsWhileRinging(number, from), [`${service.host}:${service.port}`]);
  }

  /** Calls a phone without an offer, twice in one dialog, and answers each of its offers with inactive. */
  static asksForOffers(user: string, phone: { host: string; port: number }): SippTrunk {
    return new SippTrunk(asksForOffers(user), [`${phone.host}:${phone.port}`]);
  }

  /** Resolves when the scenario went through to its end as written. @throws Error with sipp's last words */
  async done(): Promise<void> {
    const status =
      this.process.exitCode ??
      (await new Promise<number | null>((resolve) => {
        this.process.once('exit', resolve);
      }));
    rmSync(this.folder, { recursive: true, force: true });
    if (status !== 0) throw new Error(`sipp ended with ${status}:\n${this.output}`);
  }

  stop(): void {
    if (this.process.exitCode === null) this.process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function oneSecondOf(frequency: number): Buffer {
  const samples = Array.from({ length: 8000 }, (_, at) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequency * at) / 8000)),
  );
  return Buffer.from(samples.map(toMuLaw));
}
