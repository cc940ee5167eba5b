/** A file that is no capture of the kind that rtpengine writes. */
export class PcapError extends Error {}

/** One UDP datagram over IPv4. */
export interface CapturedDatagram {
  /** When it was captured, in milliseconds since 1970. */
  atMs: number;
  source: { address: string; port: number };
  destination: { address: string; port: number };
  payload: Buffer;
}

/** Seconds and microseconds, in the byte order of the machine that writes. */
const MAGIC = 0xa1b2c3d4;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MAX_RECORD_BYTES = 65_535;
/** Bytes before the IP header for each link type: LINKTYPE_ETHERNET and LINKTYPE_RAW. */
const LINK_HEADER_BYTES: Record<number, number> = { 1: 14, 101: 0 };
const UDP = 17;

/** Reads a classic capture file (draft-ietf-opsawg-pcap) piece by piece, as it grows. */
export class PcapReader {
  private rest: Buffer = Buffer.alloc(0);
  private linkHeaderBytes: number | undefined;
  private littleEndian = true;

  /** The datagrams that are whole by now; others than UDP over IPv4 are left out. @throws PcapError */
  read(piece: Buffer): CapturedDatagram[] {
    const data = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    let at = 0;
    if (this.linkHeaderBytes === undefined) {
      if (data.length < FILE_HEADER_BYTES) {
        this.rest = data;
        return [];
      }
      this.linkHeaderBytes = this.readFileHeader(data);
      at = FILE_HEADER_BYTES;
    }
    const datagrams: CapturedDatagram[] = [];
    while (at + RECORD_HEADER_BYTES <= data.length) {
      const length = this.uint32(data, at + 8);
      if (length > MAX_RECORD_BYTES) throw new PcapError('a record is too long');
      const begin = at + RECORD_HEADER_BYTES;
      if (begin + length > data.length) break;
      const packet = data.subarray(begin + this.linkHeaderBytes, begin + length);
      const atMs = this.uint32(data, at) * 1_000 + this.uint32(data, at + 4) / 1_000;
      const datagram = udpOverIpv4(packet);
      if (datagram) datagrams.push({ atMs, ...datagram });
      at = begin + length;
    }
    this.rest = Buffer.from(data.subarray(at));
    return datagrams;
  }

  private readFileHeader(data: Buffer): number {
    this.littleEndian = data.readUInt32LE(0) === MAGIC;
    if (!this.littleEndian && data.readUInt32BE(0) !== MAGIC) throw new PcapError('not a capture file');
    const linkHeaderBytes = LINK_HEADER_BYTES[this.uint32(data, 20)];
    if (linkHeaderBytes === undefined) throw new PcapError('a capture of an unknown link type');
    return linkHeaderBytes;
  }

  private uint32(data: Buffer, at: number): number {
    return this.littleEndian ? data.readUInt32LE(at) : data.readUInt32BE(at);
  }
}

function udpOverIpv4(packet: Buffer): Omit<CapturedDatagram, 'atMs'> | undefined {
  const first = packet[0] ?? 0;
  const udp = 4 * (first & 0x0f);
  if (first >> 4 !== 4 || udp < 20 || packet[9] !== UDP || packet.length < udp + 8) return undefined;
  return {
    source: { address: packet.subarray(12, 16).join('.'), port: packet.readUInt16BE(udp) },
    destination: { address: packet.subarray(16, 20).join('.'), port: packet.readUInt16BE(udp + 2) },
    payload: packet.subarray(udp + 8),
  };
}
