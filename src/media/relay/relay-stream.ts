import type { RemoteInfo } from 'node:dgram';
import { isIPv4 } from 'node:net';
import type { Address, Receiver, RelaySocket } from './relay-socket.js';

/** Packets from sources that were not accepted. */
export interface Tally {
  dropped: number;
}

/**
 * RTP or RTCP of one side. It is taken from where the party's description says, or else, as behind NAT, from the first
 * source that is heard, and from then on from no other until the party describes itself anew.
 */
export class RelayStream implements Receiver {
  /** Where what is heard here goes out. */
  other: RelayStream | undefined;
  /** Told of each packet that is passed on. */
  onPassed: ((packet: Buffer) => void) | undefined;
  private readonly socket: RelaySocket;
  private readonly tally: Tally;
  private described: Address | undefined;
  private source: Address | undefined;
  /** Of the party before, which may go on sending for a while. */
  private former: Address | undefined;
  private target: Address | undefined;

  constructor(socket: RelaySocket, tally: Tally) {
    this.socket = socket;
    this.tally = tally;
    socket.receiver = this;
  }

  /** The party's description takes effect. One without a usable address wants to hear nothing. */
  describe(address: Address): void {
    if (!isUsable(address)) {
      this.target = undefined;
      return;
    }
    if (!this.described || !isSame(address, this.described)) {
      this.former = this.source;
      this.source = undefined;
      this.described = address;
    }
    this.target = this.source ?? address;
  }

  receive(packet: Buffer, from: RemoteInfo): void {
    if (packet.length < 8 || packet[0]! >> 6 !== 2) return;
    if (!this.accepts(from)) {
      this.tally.dropped++;
      return;
    }
    this.other?.send(packet);
    this.onPassed?.(packet);
  }

  private send(packet: Buffer): void {
    if (this.target) this.socket.send(packet, this.target);
  }

  private accepts(from: Address): boolean {
    const { source, described, former } = this;
    if (source && isSame(from, source)) return true;
    if (!described || source === described) return false;
    if (isSame(from, described)) this.latch(described);
    else if (source || (former && isSame(from, former))) return false;
    else this.latch({ address: from.address, port: from.port });
    return true;
  }

  private latch(source: Address): void {
    this.source = source;
    if (this.target) this.target = source;
  }
}

function isSame(one: Address, other: Address): boolean {
  return one.port === other.port && one.address === other.address;
}

/** Port 9 is that of descriptions without media; 0.0.0.0 an old way to put on hold (RFC 3264 §8.4). */
function isUsable({ address, port }: Address): boolean {
  return isIPv4(address) && address !== '0.0.0.0' && port > 0 && port !== 9 && port <= 65_535;
}
