import type { Side } from '../media.js';
import { type Bencoded, isDictionary } from './bencode.js';
import type { NgDictionary } from './ng-client.js';
import type { CapturedDatagram } from './pcap.js';

/** A source that has fallen silent for so long makes room for another one. */
const SPEAKS_MS = 200;

/** What `query` tells of a call: which datagrams are the audio of which side. */
export class CallStreams {
  private readonly learnSources: boolean;
  /** By source and local port. */
  private readonly sides = new Map<string, Side>();
  private readonly sideOfPort = new Map<number, Side>();
  /** Who speaks on each local port. */
  private readonly speakers = new Map<number, { key: string; atMs: number }>();
  private readonly rtcpPorts = new Set<number>();
  /** Bytes of RTP that have come from both sides so far. */
  rtpBytes = 0;

  /**
   * @param learnSources see RtpengineOptions. What rtpengine has learned it tells late or not at all: a source that is
   * not known then counts as the side on whose port it speaks, as long as no other one speaks there.
   */
  constructor(learnSources: boolean) {
    this.learnSources = learnSources;
  }

  /** Adds what is new; where a side sent from before stays known. */
  update(answer: NgDictionary): void {
    this.rtpBytes = numberAt(answer, 'totals', 'RTP', 'bytes') ?? 0;
    for (const side of ['caller', 'callee'] as const) {
      for (const media of listAt(answer, 'tags', side, 'medias')) {
        for (const stream of listAt(media, 'streams')) this.add(side, stream);
      }
    }
  }

  /**
   * Undefined for RTCP, and for what a stranger has sent: rtpengine captures that before it drops it.
   */
  sideOf({ source, destination: { port }, atMs }: CapturedDatagram): Side | undefined {
    const key = keyOf(source, port);
    const known = this.sides.get(key);
    if (!this.learnSources) return known;
    const speaker = this.speakers.get(port);
    if (!known && speaker && speaker.key !== key && atMs - speaker.atMs < SPEAKS_MS) return undefined;
    this.speakers.set(port, { key, atMs });
    return known ?? this.sideOfPort.get(port);
  }

  isRtcp({ destination }: CapturedDatagram): boolean {
    return this.rtcpPorts.has(destination.port);
  }

  private add(side: Side, stream: Bencoded): void {
    const localPort = numberAt(stream, 'local port');
    const address = at(stream, 'endpoint', 'address');
    const port = numberAt(stream, 'endpoint', 'port');
    if (localPort === undefined || typeof address !== 'string' || port === undefined) return;
    if (listAt(stream, 'flags').includes('RTP')) {
      this.sides.set(keyOf({ address, port }, localPort), side);
      this.sideOfPort.set(localPort, side);
    } else this.rtcpPorts.add(localPort);
  }
}

function keyOf({ address, port }: { address: string; port: number }, localPort: number): string {
  return `${address}:${port}>${localPort}`;
}

function at(value: Bencoded | undefined, ...path: string[]): Bencoded | undefined {
  let found = value;
  for (const key of path) found = isDictionary(found) ? found[key] : undefined;
  return found;
}

function numberAt(value: Bencoded, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

function listAt(value: Bencoded, ...path: string[]): Bencoded[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
