import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NgClient } from '../../src/media/rtpengine/ng-client.js';
import { RtpengineMedia, type RtpengineOptions } from '../../src/media/rtpengine/rtpengine-media.js';
import { requireDebian } from './debian.js';
import { eventually } from './wait.js';

const RTPENGINE = '/usr/bin/rtpengine';

export interface RtpengineSettings {
  /** Where it listens for commands, on 127.0.0.1. */
  ngPort: number;
  ports: { first: number; last: number };
  recordingMethod?: 'pcap' | 'proc';
}

/** A real rtpengine on loopback, without its kernel module. */
export class Rtpengine {
  readonly address: { host: string; port: number };
  /** Its `--recording-dir`. */
  readonly spool = mkdtempSync(join(tmpdir(), 'rtpengine-'));
  private readonly settings: RtpengineSettings;
  private process: ChildProcess | undefined;
  private log = '';

  private constructor(settings: RtpengineSettings) {
    requireDebian(RTPENGINE, 'rtpengine-daemon');
    this.settings = settings;
    this.address = { host: '127.0.0.1', port: settings.ngPort };
  }

  static async start(settings: RtpengineSettings): Promise<Rtpengine> {
    const rtpengine = new Rtpengine(settings);
    await rtpengine.restart();
    return rtpengine;
  }

  /** Opens adapters that lead audio through it. */
  adapter(options: Partial<RtpengineOptions> = {}): (recordingsDir: string) => Promise<RtpengineMedia> {
    return async (recordingsDir) => {
      const own = { instances: [this.address], recordingsDir, recordingSpool: this.spool };
      const media = new RtpengineMedia({ ...own, ...options });
      await media.start();
      return media;
    };
  }

  /** Begins anew, with nothing of its former calls. */
  async restart(): Promise<void> {
    await this.kill();
    const { ngPort, ports, recordingMethod = 'pcap' } = this.settings;
    const listening = ['--interface=127.0.0.1', `--listen-ng=127.0.0.1:${ngPort}`];
    const range = [`--port-min=${ports.first}`, `--port-max=${ports.last}`];
    const recording = [`--recording-dir=${this.spool}`, `--recording-method=${recordingMethod}`];
    this.process = spawn(
      RTPENGINE,
      [
        '--config-file=none',
        '--table=-1',
        '--foreground',
        '--log-stderr',
        '--num-threads=2',
        '--log-level=5',
      ].concat(listening, range, recording),
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-5_000);
      });
    }
    await this.answers();
  }

  /** The files in its spool. */
  files(): string[] {
    return ['pcaps', 'metadata', 'tmp'].flatMap((each) => readdirSync(join(this.spool, each)));
  }

  /** At once, as when its machine dies. */
  async kill(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (!process || process.exitCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.spool, { recursive: true });
  }

  private async answers(): Promise<void> {
    const client = new NgClient(this.address);
    try {
      await eventually(
        () => {
          if (this.process?.exitCode !== null) throw new Error(`rtpengine has ended:\n${this.log}`);
          return client.request('ping').catch(() => undefined);
        },
        () => `rtpengine does not answer:\n${this.log}`,
      );
    } finally {
      await client.close();
    }
  }
}
