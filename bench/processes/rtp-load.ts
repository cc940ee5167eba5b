import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { quantile } from '../support/report.ts';
import { answer } from '../support/asked.ts';

/**
 * The parties of many calls: each sends 20 ms of G.711 in time, with the moment of sending in it, and measures what
 * comes from the other.
 */
const PACKET_MS = 20;
const PAYLOAD = 160;
const HEADER = 12;
/** What is on its way when the sending ends has so long to come. */
const SETTLE_MS = 500;

export interface Heard {
  sent: number;
  lost: number;
  /** Milliseconds from sending to receiving. */
  p50: number;
  p99: number;
}

interface Party {
  socket: Socket;
  packet: Buffer;
  target: number;
}

const parties: Party[] = [];
let delays: number[] = [];

/** @returns the ports of the parties; two that follow one another are those of a call */
async function open(calls: number): Promise<number[]> {
  for (let index = 0; index < 2 * calls; index++) {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: 1 << 18,
      lookup: (host, _options, done) => done(null, host, 4),
    });
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    socket.on('message', (packet) => {
      if (packet.length === HEADER + PAYLOAD) delays.push(performance.now() - packet.readDoubleLE(HEADER));
    });
    const packet = Buffer.alloc(HEADER + PAYLOAD, 0x55);
    packet[0] = 0x80;
    packet[1] = 0;
    packet.writeUInt32BE(index + 1, 8);
    parties.push({ socket, packet, target: 0 });
  }
  return parties.map(({ socket }) => socket.address().port);
}

/** @param targets where each party sends to */
async function run({ targets, seconds }: { targets: number[]; seconds: number }): Promise<Heard> {
  for (const [index, target] of targets.entries()) parties[index]!.target = target;
  delays = [];
  const packets = Math.round((seconds * 1_000) / PACKET_MS) * parties.length;
  const perMs = parties.length / PACKET_MS;
  const begun = performance.now();
  for (let sent = 0; sent < packets;) {
    const due = Math.min(packets, Math.floor((performance.now() - begun) * perMs));
    for (; sent < due; sent++) send(parties[sent % parties.length]!, Math.floor(sent / parties.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return {
    sent: packets,
    lost: packets - delays.length,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
  };
}

function send({ socket, packet, target }: Party, sequence: number): void {
  // Not the buffer that is sent next: sending may be deferred.
  const own = Buffer.from(packet);
  own.writeUInt16BE(sequence & 0xffff, 2);
  own.writeUInt32BE((sequence * PAYLOAD) >>> 0, 4);
  own.writeDoubleLE(performance.now(), HEADER);
  socket.send(own, target, '127.0.0.1');
}

answer({ open, run });
console.log('ready');
