import { SaxesParser } from 'saxes';
import { decoderFor, type Decoder } from './encoding.js';
import { XsiBadAnswer } from './errors.js';

export const XSI = 'http://schema.broadsoft.com/xsi';
const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** Namespaces are URIs; which prefix a document uses for one means nothing. */
export interface XmlElement {
  ns: string;
  name: string;
  /** Without the declarations of namespaces. */
  attributes: { ns: string; name: string; value: string }[];
  children: XmlElement[];
  /** Of the element itself, not of its children. */
  text: string;
}

/** Of one document; what is above is refused while it is read. */
export interface XmlLimits {
  bytes: number;
  depth: number;
  elements: number;
  /** Of one element, declarations of namespaces included. */
  attributes: number;
}

export const XML_LIMITS: XmlLimits = { bytes: 1_048_576, depth: 32, elements: 20_000, attributes: 32 };

/** Bytes to the end of an XML declaration or of a first tag. */
const HEAD_LIMIT = 4_096;
const TAG_START = '<'.charCodeAt(0);
const TAG_END = '>'.charCodeAt(0);

/** The children of that name in the namespace of their parent. */
export function children(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((each) => each.name === name && each.ns === element.ns);
}

export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((each) => each.name === name && each.ns === element.ns);
}

/** The text of a child, without the white space around it; undefined when there is no such child. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text.trim();
}

/** The local name in the `type` attribute of XML Schema: `CallHeldEvent` for `xsi1:type="xsi:CallHeldEvent"`. */
export function typeOf(element: XmlElement): string | undefined {
  const type = element.attributes.find(({ ns, name }) => ns === SCHEMA_INSTANCE && name === 'type');
  return type?.value.trim().replace(/^[^:]*:/, '');
}

/** @throws XsiBadAnswer not well-formed, above the limits, with a document type, or in another encoding */
export function parseDocument(bytes: Buffer, contentType?: string): XmlElement {
  const reader = new DocumentReader(XML_LIMITS);
  reader.begin(decoderFor(bytes.subarray(0, HEAD_LIMIT), contentType));
  reader.write(bytes);
  return reader.end();
}

/** An endless stream of documents, one after the other, each with or without an XML declaration. */
export class XmlStream {
  #head: Buffer = Buffer.alloc(0);
  readonly #reader: DocumentReader;
  #inDocument = false;
  /** What has been read ends in the middle of a tag, as far as can be seen without reading it. */
  #cut = false;
  #broken = false;

  constructor(
    limits: XmlLimits,
    private readonly onElement: (root: XmlElement) => void,
    private readonly contentType?: string,
  ) {
    this.#reader = new DocumentReader(limits);
  }

  /** Calls `onElement` for each document that ends in the chunk. @throws XsiBadAnswer the stream cannot be read on */
  push(chunk: Buffer): void {
    if (this.#broken) throw new XsiBadAnswer('The stream has been given up.');
    this.#broken = true;
    for (let at = 0; at < chunk.length;) {
      const end = this.#endOfPiece(chunk, at);
      this.#read(chunk.subarray(at, end));
      at = end;
    }
    this.#broken = false;
  }

  /**
   * Where at the latest the document may end: at the first `>` after the beginning of an end tag of its root. Before
   * there is a root, and where a chunk has cut a tag, at the next `>`. In both encodings these are bytes that are part of
   * no other character.
   */
  #endOfPiece(chunk: Buffer, at: number): number {
    const rootEnd = this.#cut ? undefined : this.#reader.rootEnd;
    const from = this.#inDocument && rootEnd ? chunk.indexOf(rootEnd, at) : at;
    const end = from < 0 ? -1 : chunk.indexOf(TAG_END, from);
    this.#cut = end < 0 && (from >= 0 || chunk.lastIndexOf(TAG_START) > chunk.lastIndexOf(TAG_END));
    return end < 0 ? chunk.length : end + 1;
  }

  #read(piece: Buffer): void {
    let bytes = piece;
    if (!this.#inDocument) {
      bytes = this.#head = afterSpace(Buffer.concat([this.#head, piece]));
      if (bytes.length > HEAD_LIMIT) throw new XsiBadAnswer('A document does not begin with a tag.');
      if (bytes.at(-1) !== TAG_END) return;
      this.#head = Buffer.alloc(0);
      this.#reader.begin(decoderFor(bytes, this.contentType));
      this.#inDocument = true;
    }
    this.#reader.write(bytes);
    if (!this.#reader.complete) return;
    this.#inDocument = false;
    this.onElement(this.#reader.end());
  }
}

/** One document after the other, each piece by piece. */
class DocumentReader {
  /** `</` and the name of the root, as far as it is ASCII; undefined while there is none. */
  rootEnd: Buffer | undefined;
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #open: XmlElement[] = [];
  #decoder: Decoder | undefined;
  #root: XmlElement | undefined;
  #bytes = 0;
  #elements = 0;
  #attributes = 0;

  constructor(private readonly limits: XmlLimits) {
    const parser = this.#parser;
    parser.on('doctype', () => {
      throw new XsiBadAnswer('The answer has a document type.');
    });
    parser.on('opentagstart', () => {
      this.#attributes = 0;
      this.#within('depth', this.#open.length + 1);
      this.#within('elements', ++this.#elements);
    });
    parser.on('attribute', () => this.#within('attributes', ++this.#attributes));
    parser.on('opentag', ({ name, uri, local, attributes }) => {
      const element: XmlElement = {
        ns: uri,
        name: local,
        attributes: Object.values(attributes)
          .filter((each) => each.uri !== XMLNS)
          .map((each) => ({ ns: each.uri, name: each.local, value: each.value })),
        children: [],
        text: '',
      };
      this.#open.at(-1)?.children.push(element);
      if (!this.#root) {
        this.#root = element;
        this.rootEnd = Buffer.from(`</${/^[!-~]*/.exec(name)?.[0] ?? ''}`);
      }
      this.#open.push(element);
    });
    const addText = (text: string): void => {
      const element = this.#open.at(-1);
      if (element) element.text += text;
    };
    parser.on('text', addText);
    parser.on('cdata', addText);
    parser.on('closetag', () => void this.#open.pop());
  }

  /** The one before has ended, or there is none. */
  begin(decoder: Decoder): void {
    this.#decoder = decoder;
    this.#root = this.rootEnd = undefined;
    this.#bytes = this.#elements = 0;
  }

  get complete(): boolean {
    return this.#root !== undefined && this.#open.length === 0;
  }

  write(bytes: Buffer): void {
    this.#within('bytes', (this.#bytes += bytes.length));
    const text = this.#decoder?.write(bytes) ?? '';
    wellFormed(() => this.#parser.write(text));
  }

  end(): XmlElement {
    this.#decoder?.end();
    wellFormed(() => this.#parser.close());
    if (!this.#root) throw new XsiBadAnswer('The answer has no root element.');
    return this.#root;
  }

  #within(limit: keyof XmlLimits, count: number): void {
    if (count > this.limits[limit]) {
      throw new XsiBadAnswer(`The answer has more than ${this.limits[limit]} ${limit}.`);
    }
  }
}

function wellFormed(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (error instanceof XsiBadAnswer) throw error;
    const reason = error instanceof Error ? error.message.replace(/[^ -~]/g, '?').slice(0, 80) : 'unknown';
    throw new XsiBadAnswer(`The answer is not well-formed XML: ${reason}`);
  }
}

/** Without white space and byte order marks at the beginning, which may stand between documents. */
function afterSpace(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && [0x20, 0x0a, 0x0d, 0x09, 0xef, 0xbb, 0xbf].includes(bytes[start] ?? 0))
    start++;
  return bytes.subarray(start);
}
