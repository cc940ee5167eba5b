import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { requireDebian } from './debian.js';
import { loudness, toneShare } from './tones.js';
import { eventually } from './wait.js';

const TSHARK = '/usr/bin/tshark';
const RATE = 8000;
const WINDOW = 0.2 * RATE;
/** A phone that sends nothing for so long is silent. */
const SILENCE_MS = 400;

/**
 * Listens to the RTP that reaches each phone, as it comes off the wire. baresip 1.0 drops its own recording filter
 * at the first re-INVITE that is not sendrecv, so a phone's own file only tells of calls that were never held.
 */
export class RtpEar {
  private readonly process: ChildProcess;
  private readonly heard = new Map<number, { samples: number[]; at: number }>();
  private log = '';
  private listening = false;

  private constructor(ports: string) {
    requireDebian(TSHARK, 'tshark');
    const fields = ['-T', 'fields', '-e', 'udp.dstport', '-e', 'udp.payload'];
    const filter = ['-i', 'lo', '-f', `udp dst portrange ${ports}`];
    this.process = spawn(TSHARK, ['-l', '-n', '-Q', ...filter, ...fields], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    if (this.process.stdout) {
      createInterface(this.process.stdout).on('line', (line) => this.receive(line));
    }
  }

  /** @param ports `20000-20399`, the RTP ports of all phones */
  static async listen(ports: string): Promise<RtpEar> {
    const ear = new RtpEar(ports);
    const probe = createSocket('udp4');
    const port = Number(ports.split('-').at(-1));
    try {
      await eventually(
        () => {
          if (ear.process.exitCode !== null) throw new Error(`tshark has ended:\n${ear.log}`);
          probe.send('probe', port, '127.0.0.1');
          return ear.listening || undefined;
        },
        () => `tshark hears no packet to port ${port}\n${ear.log}`,
      );
    } finally {
      probe.close();
    }
    return ear;
  }

  /** Resolves when what comes from now on to the phone's ports is the tone. */
  async hears(phone: RtpPorts, frequency: number): Promise<void> {
    this.forget(phone);
    let last = 'no packet';
    await eventually(
      () => {
        const { samples } = this.of(phone);
        if (samples.length < WINDOW) return undefined;
        const window = { samples: Int16Array.from(samples.slice(-WINDOW)), rate: RATE };
        const share = toneShare(window, frequency);
        last = `share of the tone ${share.toFixed(2)}, loudness ${loudness(window).toFixed(0)}`;
        return (share > 0.5 && loudness(window) > 500) || undefined;
      },
      () => `${phone.name} hears no ${frequency} Hz: ${last}`,
    );
  }

  /** Resolves when no sound reaches the phone any more. */
  async hearsNothing(phone: RtpPorts): Promise<void> {
    await eventually(
      () => Date.now() - this.of(phone).at > SILENCE_MS || undefined,
      () => `${phone.name} still hears something`,
    );
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.kill('SIGTERM');
    });
  }

  private of(phone: RtpPorts): { samples: number[]; at: number } {
    return this.heard.get(phone.firstRtpPort) ?? { samples: [], at: 0 };
  }

  private forget(phone: RtpPorts): void {
    this.heard.delete(phone.firstRtpPort);
  }

  private receive(line: string): void {
    this.listening = true;
    const [port = '', hex = ''] = line.split('\t');
    const packet = Buffer.from(hex, 'hex');
    // RTP version 2 with PCMU; RTCP and others are no sound.
    if (packet.length < 13 || packet[0]! >> 6 !== 2 || (packet[1]! & 0x7f) !== 0) return;
    const key = Number(port) - (Number(port) % PORTS_PER_PHONE);
    const samples = this.heard.get(key)?.samples ?? [];
    for (const byte of packet.subarray(12)) samples.push(fromMuLaw(byte));
    if (samples.length > 4 * RATE) samples.splice(0, samples.length - RATE);
    this.heard.set(key, { samples, at: Date.now() });
  }
}

/** Each phone has so many RTP ports, from a multiple of it. */
export const PORTS_PER_PHONE = 100;

export interface RtpPorts {
  name: string;
  firstRtpPort: number;
}

/** A phone, or the trunk, and what it says. */
export interface Voice extends RtpPorts {
  toneHz: number;
}

/** ITU-T G.711 */
function fromMuLaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}
