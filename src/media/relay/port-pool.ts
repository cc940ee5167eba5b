import { MediaUnavailable } from '../media.js';
import { RelaySocket } from './relay-socket.js';

/** So long a port is left alone after use if others can be had: its former party may still be sending. */
const REST_MS = 2_000;
/** When to try a port again that another process had. */
const RETRY_MS = 10_000;

/** RTP on the even port, RTCP on the next one (RFC 3550 §11). */
export interface PortPair {
  port: number;
  rtp: RelaySocket;
  rtcp: RelaySocket;
}

export interface PortRange {
  first: number;
  last: number;
}

/**
 * Port pairs of a range, kept bound after their first use. Bound ones are used again in the order in which they were
 * given back. New ones begin anywhere in the range, so that services on one machine rarely meet.
 */
export class PortPool {
  private readonly host: string;
  private readonly range: PortRange;
  private readonly size: number;
  private readonly bound = new Map<number, PortPair>();
  private readonly free: { pair: PortPair; since: number }[] = [];
  private readonly taken = new Map<number, number>();
  private cursor: number;

  constructor(host: string, { first, last }: PortRange) {
    this.host = host;
    this.range = { first: first + (first % 2), last };
    this.size = Math.max(0, Math.floor((last - this.range.first + 1) / 2));
    this.cursor = Math.floor(Math.random() * this.size);
  }

  get inUse(): number {
    return this.bound.size - this.free.length;
  }

  /** @throws MediaUnavailable when all are in use */
  async take(): Promise<PortPair> {
    const oldest = this.free[0];
    if (!oldest || performance.now() - oldest.since < REST_MS) {
      const pair = await this.bindAny();
      if (pair) return pair;
    }
    const rested = this.free.shift();
    if (!rested) throw new MediaUnavailable(`No port is free from ${this.range.first} to ${this.range.last}`);
    return rested.pair;
  }

  /** The pair of this very port. @throws MediaUnavailable when it is in use, here or elsewhere */
  async takeExactly(port: number): Promise<PortPair> {
    const at = this.free.findIndex(({ pair }) => pair.port === port);
    const [free] = at === -1 ? [] : this.free.splice(at, 1);
    const pair = free?.pair ?? (this.bound.has(port) ? undefined : await this.bind(port));
    if (!pair) throw new MediaUnavailable(`Port ${port} is in use`);
    return pair;
  }

  giveBack(pair: PortPair): void {
    pair.rtp.receiver = undefined;
    pair.rtcp.receiver = undefined;
    this.free.push({ pair, since: performance.now() });
  }

  close(): void {
    for (const pair of this.bound.values()) closePair(pair);
    this.bound.clear();
    this.free.length = 0;
  }

  private async bindAny(): Promise<PortPair | undefined> {
    for (let tried = 0; tried < this.size && this.bound.size < this.size; tried++) {
      const port = this.range.first + 2 * this.cursor;
      this.cursor = (this.cursor + 1) % this.size;
      const retryAt = this.taken.get(port) ?? 0;
      if (this.bound.has(port) || performance.now() < retryAt) continue;
      const pair = await this.bind(port);
      if (pair) return pair;
      this.taken.set(port, performance.now() + RETRY_MS);
    }
    return undefined;
  }

  private async bind(port: number): Promise<PortPair | undefined> {
    const pair = { port, rtp: new RelaySocket(), rtcp: new RelaySocket() };
    // Noted before it is bound, or another call would try it meanwhile.
    this.bound.set(port, pair);
    try {
      await pair.rtp.bind({ address: this.host, port });
      await pair.rtcp.bind({ address: this.host, port: port + 1 });
      return pair;
    } catch {
      this.bound.delete(port);
      closePair(pair);
      return undefined;
    }
  }
}

function closePair({ rtp, rtcp }: PortPair): void {
  rtp.close();
  rtcp.close();
}
