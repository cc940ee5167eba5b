import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NgClient } from '#service/media/rtpengine/ng-client.js';
import { audioPort, describe } from './descriptions.ts';

const RTPENGINE = '/usr/bin/rtpengine';
/** Of /proc/<pid>/stat: USER_HZ, 100 on every Linux of today. */
const TICK_MICROSECONDS = 10_000;

export interface Rtpengine {
  /** Calls between each two of the ports, recorded. @returns where each party sends to */
  connect(ports: number[]): Promise<number[]>;
  /** CPU time of all threads, microseconds. */
  cpu(): number;
  stop(): Promise<void>;
}

/** Debian's rtpengine-daemon, without its kernel module. */
export async function startRtpengine(folder: string): Promise<Rtpengine> {
  const port = await freePort();
  const options = {
    'config-file': 'none',
    table: -1,
    'listen-ng': `127.0.0.1:${port}`,
    interface: '127.0.0.1',
    'port-min': 35_000,
    'port-max': 36_999,
    'recording-dir': resolve(folder),
    'recording-method': 'pcap',
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const daemon = spawn(RTPENGINE, [...args, '--foreground', '--log-stderr', '--log-level=3'], {
    stdio: 'ignore',
    cwd: folder,
  });
  const ended = once(daemon, 'exit');
  const ng = new NgClient({ host: '127.0.0.1', port });
  const stop = async () => {
    await ng.close();
    daemon.kill('SIGTERM');
    await ended;
  };
  try {
    await answering(ng);
  } catch (error) {
    await stop();
    throw error;
  }
  return { connect: (ports) => connect(ng, ports), cpu: () => cpuOf(daemon.pid!), stop };
}

async function connect(ng: NgClient, ports: number[]): Promise<number[]> {
  const targets: number[] = [];
  for (let at = 0; at < ports.length; at += 2) {
    const call = { 'call-id': `call-${at}`, replace: ['session-connection'] };
    const [caller, callee] = [describe(ports[at]!), describe(ports[at + 1]!)];
    const offered = await ng.request('offer', {
      ...call,
      'from-tag': 'a',
      sdp: caller,
      'record call': 'yes',
    });
    const answered = await ng.request('answer', { ...call, 'from-tag': 'a', 'to-tag': 'b', sdp: callee });
    targets.push(audioPort(String(answered.sdp)), audioPort(String(offered.sdp)));
  }
  return targets;
}

async function answering(ng: NgClient): Promise<void> {
  for (let tried = 0; ; tried++) {
    try {
      await ng.request('ping');
      return;
    } catch (error) {
      if (tried === 5) throw error;
      await delay(200);
    }
  }
}

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
