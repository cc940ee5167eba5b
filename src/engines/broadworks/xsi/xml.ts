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
  const reader = new DocumentReader(XML_LIMITS, decoderFor(bytes.subarray(0, HEAD_LIMIT), contentType));
  reader.write(bytes);
  return reader.end();
}

/** An endless stream of documents, one after the other, each with or without an XML declaration. */
export class XmlStream {
  #head: Buffer = Buffer.alloc(0);
  #document: DocumentReader | undefined;
  #broken = false;

  constructor(
    private readonly limits: XmlLimits,
    private readonly onElement: (root: XmlElement) => void,
    private readonly contentType?: string,
  ) {}

  /** Calls `onElement` for each document that ends in the chunk. @throws XsiBadAnswer the stream cannot be read on */
  push(chunk: Buffer): void {
    if (this.#broken) throw new XsiBadAnswer('The stream has been given up.');
    this.#broken = true;
    // A document ends with a `>`, which in both encodings is one byte that is part of no other character.
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(TAG_END, at);
      const next = end < 0 ? chunk.length : end + 1;
      this.#read(chunk.subarray(at, next), end >= 0);
      at = next;
    }
    this.#broken = false;
  }

  #read(piece: Buffer, endsTag: boolean): void {
    let bytes = piece;
    if (!this.#document) {
      bytes = this.#head = afterSpace(Buffer.concat([this.#head, piece]));
      if (bytes.length > HEAD_LIMIT) throw new XsiBadAnswer('A document does not begin with a tag.');
      if (!endsTag) return;
      this.#head = Buffer.alloc(0);
      this.#document = new DocumentReader(this.limits, decoderFor(bytes, this.contentType));
    }
    this.#document.write(bytes);
    if (!this.#document.complete) return;
    const root = this.#document.end();
    this.#document = undefined;
    this.onElement(root);
  }
}

/** One document, piece by piece. */
class DocumentReader {
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #open: XmlElement[] = [];
  #root: XmlElement | undefined;
  #bytes = 0;
  #elements = 0;
  #attributes = 0;

  constructor(
    private readonly limits: XmlLimits,
    private readonly decoder: Decoder,
  ) {
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
    parser.on('opentag', ({ uri, local, attributes }) => {
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
      this.#root ??= element;
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

  get complete(): boolean {
    return this.#root !== undefined && this.#open.length === 0;
  }

  write(bytes: Buffer): void {
    this.#within('bytes', (this.#bytes += bytes.length));
    const text = this.decoder.write(bytes);
    wellFormed(() => this.#parser.write(text));
  }

  end(): XmlElement {
    this.decoder.end();
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
