import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';
import { isDigits, isSpace, skipSpace } from './params.js';

const EMPTY = Buffer.alloc(0);
const CR = 13;
const LF = 10;

/**
 * Cuts a TCP stream into messages (RFC 3261 §18.3) and skips the keep-alives between them (RFC 5626 §3.5.1).
 * Memory is bounded by the limits; time is linear however the stream is cut into chunks, since the buffer grows by
 * doubling and no byte is searched twice.
 */
export class StreamFraming {
  private data: Buffer = EMPTY;
  /** The incomplete message is `data` from `start` to `end`. */
  private start = 0;
  private end = 0;
  /** No header block ends before this index. */
  private searched = 0;
  /** Length of the message, once its header block is whole. */
  private needed: number | undefined;

  /** Bytes of a message that is not complete. */
  get pending(): number {
    return this.end - this.start;
  }

  /** Bytes kept for a message that is not complete, at most twice the largest message and a chunk. */
  get reserved(): number {
    return this.data.length;
  }

  /** The messages that the chunk completes. @throws SipParseError when the stream cannot be understood: close it */
  push(chunk: Buffer): Buffer[] {
    const received = this.pending === 0 ? this.adopt(chunk) : this.append(chunk);
    const messages: Buffer[] = [];
    while (this.findHeaders() && this.needed !== undefined && this.pending >= this.needed) {
      messages.push(this.data.subarray(this.start, this.start + this.needed));
      this.start += this.needed;
      this.needed = undefined;
    }
    if (this.pending === 0) this.adopt(EMPTY);
    else if (received === 'adopted') this.append(EMPTY);
    return messages;
  }

  /** Uses the chunk itself: mostly it is one whole message. */
  private adopt(chunk: Buffer): 'adopted' {
    this.data = chunk;
    this.start = 0;
    this.searched = 0;
    this.end = chunk.length;
    return 'adopted';
  }

  /** Adds to the own buffer, never over bytes that were handed out. */
  private append(chunk: Buffer): 'copied' {
    const size = this.pending + chunk.length;
    if (chunk.length === 0 || this.end + chunk.length > this.data.length) {
      const grown = Buffer.allocUnsafe(Math.max(256, 2 * size));
      this.data.copy(grown, 0, this.start, this.end);
      this.searched -= this.start;
      this.end -= this.start;
      this.start = 0;
      this.data = grown;
    }
    chunk.copy(this.data, this.end);
    this.end += chunk.length;
    return 'copied';
  }

  /** Sets `needed` once the header block is whole. */
  private findHeaders(): boolean {
    if (this.needed !== undefined) return true;
    this.skipKeepAlives();
    const at = this.endOfHeaders();
    const size = (at ?? this.end) - this.start;
    if (size > LIMITS.headerBlock)
      throw new SipParseError(`headers are larger than ${LIMITS.headerBlock} bytes`);
    if (at === undefined) return false;
    const needed = size + 4 + contentLength(this.data.toString('latin1', this.start, at));
    if (needed > LIMITS.message) throw new SipParseError(`a message is larger than ${LIMITS.message} bytes`);
    this.needed = needed;
    return true;
  }

  private skipKeepAlives(): void {
    while (this.pending >= 2 && this.data[this.start] === CR && this.data[this.start + 1] === LF) {
      this.start += 2;
    }
    this.searched = Math.max(this.searched, this.start);
  }

  private endOfHeaders(): number | undefined {
    const { data, end } = this;
    // Only up to `end`: what lies behind is left over from the allocation.
    const at = data.subarray(0, end).indexOf('\r\n\r\n', this.searched, 'latin1');
    if (at >= 0) return at;
    this.searched = Math.max(this.start, end - 3);
    return undefined;
  }
}

/** Of header lines without the empty one. A value that is folded counts as malformed. */
function contentLength(head: string): number {
  let found: number | undefined;
  for (const line of head.split('\r\n')) {
    const colon = endOfName(line);
    if (colon === undefined) continue;
    const value = line.slice(colon + 1).trim();
    if (!isDigits(value) || value.length > 6) throw new SipParseError('Content-Length is malformed');
    if (found !== undefined) throw new SipParseError('Content-Length stands twice');
    found = Number(value);
  }
  if (found === undefined) throw new SipParseError('Content-Length is missing');
  return found;
}

/** Index of the colon where the line is a Content-Length. */
function endOfName(line: string): number | undefined {
  let at = 0;
  while (at < line.length && at <= 14 && line[at] !== ':' && !isSpace(line.charCodeAt(at))) at++;
  const name = line.slice(0, at).toLowerCase();
  if (name !== 'content-length' && name !== 'l') return undefined;
  const colon = skipSpace(line, at);
  return line[colon] === ':' ? colon : undefined;
}
