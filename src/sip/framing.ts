import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';

const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(.*)$/i;

/**
 * Cuts a TCP stream into messages (RFC 3261 §18.3). Memory is bounded by the limits; time is linear however the
 * stream is cut into chunks.
 */
export class StreamFraming {
  private chunks: Buffer[] = [];
  private size = 0;
  /** Bytes that are known to hold no end of the headers. */
  private searched = 0;
  private needed: number | undefined;

  /** Bytes of a message that is not complete. */
  get pending(): number {
    return this.size;
  }

  /** The messages that the chunk completes. @throws SipParseError when the stream cannot be understood: close it */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      if (this.needed === undefined && !this.findHeaders()) break;
      if (this.needed === undefined || this.size < this.needed) break;
      const all = this.flatten();
      messages.push(all.subarray(0, this.needed));
      this.reset(all.subarray(this.needed));
    }
    return messages;
  }

  /** Sets `needed` once the header block is whole. */
  private findHeaders(): boolean {
    // A header block comes in few chunks; a peer that sends single bytes is only searched now and then.
    if (this.chunks.length > 1 && !this.lastChunksMayEnd()) {
      this.checkHeaderSize(this.size);
      return false;
    }
    const all = this.flatten();
    let start = 0;
    while (all[start] === 13 && all[start + 1] === 10) start += 2;
    if (start > 0) {
      this.reset(all.subarray(start));
      if (this.size === 0) return false;
    }
    const block = this.chunks[0] ?? Buffer.alloc(0);
    const end = block.indexOf(END_OF_HEADERS, Math.max(0, this.searched - 3));
    this.searched = block.length;
    this.checkHeaderSize(end < 0 ? block.length : end);
    if (end < 0) return false;
    this.needed = end + 4 + contentLength(block.toString('latin1', 0, end));
    if (this.needed > LIMITS.message)
      throw new SipParseError(`a message is larger than ${LIMITS.message} bytes`);
    return true;
  }

  /** Only a line feed can end a header block. */
  private lastChunksMayEnd(): boolean {
    return this.chunks.at(-1)?.includes(10) ?? false;
  }

  private checkHeaderSize(size: number): void {
    if (size > LIMITS.headerBlock)
      throw new SipParseError(`headers are larger than ${LIMITS.headerBlock} bytes`);
  }

  private flatten(): Buffer {
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks, this.size)];
    return this.chunks[0] as Buffer;
  }

  private reset(rest: Buffer): void {
    this.chunks = rest.length > 0 ? [rest] : [];
    this.size = rest.length;
    this.searched = 0;
    this.needed = undefined;
  }
}

function contentLength(head: string): number {
  let found: number | undefined;
  for (const line of head.split('\r\n')) {
    const value = CONTENT_LENGTH.exec(line)?.[1]?.trim();
    if (value === undefined) continue;
    if (!/^\d{1,6}$/.test(value)) throw new SipParseError('Content-Length is malformed');
    if (found !== undefined && found !== Number(value))
      throw new SipParseError('Content-Length stands twice');
    found = Number(value);
  }
  if (found === undefined) throw new SipParseError('Content-Length is missing');
  return found;
}
