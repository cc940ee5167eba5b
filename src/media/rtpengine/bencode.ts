/** What bencode can say (BEP 3), with strings as text. */
export type Bencoded = string | number | Bencoded[] | { [key: string]: Bencoded };

/** Bytes that are not bencode, or more of it than any answer of a media node has. */
export class BencodeError extends Error {}

const MAX_DEPTH = 32;
const INTEGER = /^(?:0|-?[1-9]\d{0,15})$/;
const LENGTH = /^(?:0|[1-9]\d{0,5})$/;
const COLON = ':'.charCodeAt(0);
const END = 'e'.charCodeAt(0);

/** @throws BencodeError for a number that is no safe integer */
export function bencode(value: Bencoded): Buffer {
  const parts: Buffer[] = [];
  append(parts, value);
  return Buffer.concat(parts);
}

/** Keys may be in any order, since rtpengine does not sort them. @throws BencodeError */
export function bdecode(data: Buffer): Bencoded {
  const reader = new Reader(data);
  const value = reader.value(0);
  if (!reader.atEnd) throw new BencodeError('more follows after the value');
  return value;
}

export function isDictionary(value: Bencoded | undefined): value is { [key: string]: Bencoded } {
  return typeof value === 'object' && !Array.isArray(value);
}

function append(parts: Buffer[], value: Bencoded): void {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    parts.push(Buffer.from(`${bytes.length}:`), bytes);
  } else if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new BencodeError('a number is no safe integer');
    parts.push(Buffer.from(`i${Math.trunc(value) || 0}e`));
  } else if (Array.isArray(value)) {
    parts.push(Buffer.from('l'));
    for (const each of value) append(parts, each);
    parts.push(Buffer.from('e'));
  } else {
    parts.push(Buffer.from('d'));
    // The order of the raw bytes, as BEP 3 wants it.
    const entries = Object.entries(value).map(([key, each]) => [Buffer.from(key, 'utf8'), each] as const);
    for (const [key, each] of entries.sort(([a], [b]) => Buffer.compare(a, b))) {
      parts.push(Buffer.from(`${key.length}:`), key);
      append(parts, each);
    }
    parts.push(Buffer.from('e'));
  }
}

class Reader {
  private readonly data: Buffer;
  private at = 0;

  constructor(data: Buffer) {
    this.data = data;
  }

  get atEnd(): boolean {
    return this.at === this.data.length;
  }

  value(depth: number): Bencoded {
    if (depth > MAX_DEPTH) throw new BencodeError('nested too deeply');
    switch (String.fromCharCode(this.data[this.at] ?? 0)) {
      case 'i':
        this.at++;
        return this.integer();
      case 'l':
        this.at++;
        return this.list(depth);
      case 'd':
        this.at++;
        return this.dictionary(depth);
      default:
        return this.string();
    }
  }

  private integer(): number {
    const value = Number(this.digits(END, 17, INTEGER));
    if (!Number.isSafeInteger(value)) throw new BencodeError('a number is too large');
    return value;
  }

  private string(): string {
    const length = Number(this.digits(COLON, 6, LENGTH));
    const end = this.at + length;
    if (end > this.data.length) throw new BencodeError('a string is cut off');
    const text = this.data.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }

  private list(depth: number): Bencoded[] {
    const items: Bencoded[] = [];
    while (!this.ended()) items.push(this.value(depth + 1));
    return items;
  }

  private dictionary(depth: number): { [key: string]: Bencoded } {
    const entries = new Map<string, Bencoded>();
    while (!this.ended()) {
      const key = this.string();
      if (entries.has(key)) throw new BencodeError('a key is there twice');
      entries.set(key, this.value(depth + 1));
    }
    return Object.fromEntries(entries);
  }

  private ended(): boolean {
    if (this.data[this.at] !== END) return false;
    this.at++;
    return true;
  }

  /** Reads up to and over the terminator. */
  private digits(terminator: number, maxLength: number, form: RegExp): string {
    const end = this.data.subarray(this.at, this.at + maxLength + 1).indexOf(terminator);
    const digits = end < 0 ? '' : this.data.toString('latin1', this.at, this.at + end);
    if (!form.test(digits)) throw new BencodeError('neither a value nor its end');
    this.at += digits.length + 1;
    return digits;
  }
}
