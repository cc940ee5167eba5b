import { XsiBadAnswer } from './errors.js';

/** Makes text of bytes that come in pieces, also where a piece ends in the middle of a character. */
export interface Decoder {
  /** @throws XsiBadAnswer the bytes are not of that encoding */
  write(bytes: Buffer): string;
  /** @throws XsiBadAnswer the last character is not whole */
  end(): void;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const DECLARED = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/;

/**
 * By the rules of RFC 7303: a byte order mark decides, else the charset of the Content-Type, else the XML declaration.
 * @param head the beginning of the document, as far as the end of its declaration
 * @throws XsiBadAnswer neither UTF-8 nor ISO-8859-1
 */
export function decoderFor(head: Buffer, contentType = ''): Decoder {
  if (head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) return utf8();
  const name =
    /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? DECLARED.exec(head.toString('latin1'))?.[1];
  switch (name?.toLowerCase()) {
    case undefined:
    case 'utf-8':
    case 'utf8':
    case 'us-ascii':
      return utf8();
    case 'iso-8859-1':
    case 'latin1':
      // Not TextDecoder, which takes ISO-8859-1 for windows-1252.
      return { write: (bytes) => bytes.toString('latin1'), end: () => undefined };
    default:
      throw new XsiBadAnswer('The encoding of the answer is neither UTF-8 nor ISO-8859-1.');
  }
}

function utf8(): Decoder {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Buffer, stream: boolean): string => {
    try {
      return decoder.decode(bytes, { stream });
    } catch {
      throw new XsiBadAnswer('The answer is not valid UTF-8.');
    }
  };
  return { write: (bytes) => decode(bytes, true), end: () => void decode(Buffer.alloc(0), false) };
}
