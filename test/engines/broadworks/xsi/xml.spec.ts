import { XsiBadAnswer } from '../../../../src/engines/broadworks/xsi/errors.js';
import {
  child,
  children,
  parseDocument,
  textOf,
  typeOf,
  XML_LIMITS,
  XmlStream,
  XSI,
  type XmlElement,
} from '../../../../src/engines/broadworks/xsi/xml.js';

const EVENT = `<?xml version="1.0" encoding="UTF-8"?>
<xsi:Event xmlns:xsi="http://schema.broadsoft.com/xsi" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance"
  xsi1:type="xsi:SubscriptionEvent"><xsi:eventID>1</xsi:eventID><!-- a > b -->
  <xsi:eventData xsi1:type="xsi:CallHeldEvent"><xsi:call><xsi:callId> callhalf-1:0 </xsi:callId></xsi:call></xsi:eventData>
</xsi:Event>`;

function parse(text: string, contentType?: string, encoding: BufferEncoding = 'utf8'): XmlElement {
  return parseDocument(Buffer.from(text, encoding), contentType);
}

describe('a document', () => {
  it.each([
    ['xsi', 'xsi1'],
    ['a', 'xsi'],
    ['x', 'y'],
  ])('means the same with the prefixes %s and %s', (own, instance) => {
    const root = parse(
      EVENT.replaceAll('xsi1:', 'INSTANCE:')
        .replaceAll('xsi:', 'OWN:')
        .replaceAll(':xsi1', ':INSTANCE')
        .replaceAll(':xsi=', ':OWN=')
        .replaceAll('INSTANCE', instance)
        .replaceAll('OWN', own),
    );
    expect(root).toMatchObject({ ns: XSI, name: 'Event' });
    const data = child(root, 'eventData');
    expect(data && typeOf(data)).toBe('CallHeldEvent');
    const call = data && child(data, 'call');
    expect(call && textOf(call, 'callId')).toBe('callhalf-1:0');
    expect(call && textOf(call, 'state')).toBeUndefined();
  });

  it('may have its namespace by default, and no prefix', () => {
    const root = parse(`<Calls xmlns="${XSI}"><call/><call xmlns="other"/><call/></Calls>`);
    expect(children(root, 'call')).toHaveLength(2);
  });

  it('keeps attributes, but not the declarations of namespaces', () => {
    expect(parse('<a xmlns="u" xmlns:b="v" c="1 &lt; 2" b:c="3"/>').attributes).toEqual([
      { ns: '', name: 'c', value: '1 < 2' },
      { ns: 'v', name: 'c', value: '3' },
    ]);
  });

  it('has text from entities, character references and CDATA', () => {
    expect(
      parse('<a>&lt;&amp;&gt;&apos;&quot;&#233;&#x1F4DE;<!-- no --><![CDATA[<b>&amp;]]>\r\n</a>').text,
    ).toBe(`<&>'"é\u{1F4DE}<b>&amp;\n`);
  });

  it.each<[string, string, string | undefined, BufferEncoding]>([
    ['UTF-8 by default', '<a>é€</a>', undefined, 'utf8'],
    ['UTF-8 by its header', '<a>é€</a>', 'application/xml; charset=utf-8', 'utf8'],
    [
      'UTF-8 with a byte order mark, whatever the header says',
      '\uFEFF<a>é€</a>',
      'text/xml;charset=ISO-8859-1',
      'utf8',
    ],
    [
      'ISO-8859-1 by its declaration',
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>é\u0080</a>',
      'text/xml',
      'latin1',
    ],
    ['ISO-8859-1 by its header', '<a>é\u0080</a>', 'text/xml; Charset="iso-8859-1"', 'latin1'],
    [
      'ISO-8859-1 by its header, against its declaration',
      '<?xml version="1.0" encoding="UTF-8"?><a>é\u0080</a>',
      'text/xml;charset=ISO-8859-1',
      'latin1',
    ],
    [
      'UTF-8 by its header, against its declaration',
      `<?xml version='1.0' encoding='ISO-8859-1'?><a>é€</a>`,
      'text/xml;charset=UTF-8',
      'utf8',
    ],
  ])('is read as %s', (_what, text, contentType, encoding) => {
    expect(parse(text, contentType, encoding).text).toBe(/>([^<]*)<\/a>/.exec(text)?.[1]);
  });

  it.each<[string, Buffer | string, string?]>([
    ['nothing', ''],
    ['white space', ' \n '],
    ['no XML', 'HTTP/1.1 200 OK'],
    ['JSON', '{"a":1}'],
    ['HTML with open tags', '<html><body>Down<br></body></html>'],
    ['one that does not end', '<a><b></b>'],
    ['text after the end', '<a/>b'],
    ['two roots', '<a/><b/>'],
    ['a declaration in the middle', '<a/><?xml version="1.0"?>'],
    ['a prefix without a namespace', '<x:a/>'],
    ['the same attribute twice', '<a b="1" b="2"/>'],
    ['the same attribute under two prefixes', '<a xmlns:b="u" xmlns:c="u" b:d="1" c:d="2"/>'],
    ['a NUL', '<a>\0</a>'],
    ['a reference to a NUL', '<a>&#0;</a>'],
    ['half a character', Buffer.from('<a>é</a>').subarray(0, 4)],
    ['ISO-8859-1 that says it is UTF-8', Buffer.from('<a>é</a>', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFF<a/>', 'utf16le')],
    ['an encoding that is not known', '<?xml version="1.0" encoding="EBCDIC"?><a/>'],
    ['an encoding that is not known, by the header', '<a/>', 'text/xml; charset=utf-7'],
    ['an entity that is not predefined', '<a>&nbsp;</a>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an external document type', '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/"> %x;]><a/>'],
    ['a billion laughs', laughs()],
    ['deep nesting', '<a>'.repeat(100_000)],
    ['deep nesting that ends', '<a>'.repeat(XML_LIMITS.depth + 1) + '</a>'.repeat(XML_LIMITS.depth + 1)],
    ['many attributes', `<a ${Array.from({ length: 50_000 }, (_, n) => `b${n}=""`).join(' ')}/>`],
    ['many namespaces', `<a ${Array.from({ length: 20_000 }, (_, n) => `xmlns:b${n}="u"`).join(' ')}/>`],
    ['many elements', `<a>${'<b/>'.repeat(XML_LIMITS.elements)}</a>`],
    ['much text', `<a>${' '.repeat(XML_LIMITS.bytes)}</a>`],
  ])('is refused when it is %s', (_what, document, contentType = '') => {
    const started = performance.now();
    expect(() => parseDocument(Buffer.from(document), contentType)).toThrow(XsiBadAnswer);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('may be as deep and as wide as the limits', () => {
    const { depth, attributes } = XML_LIMITS;
    const wide = `<a ${Array.from({ length: attributes }, (_, n) => `b${n}=""`).join(' ')}/>`;
    expect(parse(wide).attributes).toHaveLength(attributes);
    expect(() => parse('<a>'.repeat(depth) + '</a>'.repeat(depth))).not.toThrow();
  });
});

describe('a stream of documents', () => {
  it('gives each document as soon as it ends', () => {
    const { push, texts } = stream();
    push('<?xml version="1.0"?><Channel>1</Chan');
    expect(texts).toEqual([]);
    push('nel>');
    expect(texts).toEqual(['Channel:1']);
    push('\r\n<ChannelHeartBeat/><Event>2</Event>\n\n<?xml version="1.0" encoding="ISO-8859-1"?><Ev');
    expect(texts).toEqual(['Channel:1', 'ChannelHeartBeat:', 'Event:2']);
    push(Buffer.from('ent>\u00e9</Event>', 'latin1'));
    push(Buffer.from('<Event>é</Event>'));
    expect(texts.slice(3)).toEqual(['Event:é', 'Event:é']);
  });

  it('tells nothing of a document that does not end', () => {
    const { push, texts } = stream();
    push('<Event><eventID>1</eventID>');
    expect(texts).toEqual([]);
  });

  it('keeps white space between documents only as long as it comes', () => {
    const { push, texts } = stream();
    for (let n = 0; n < 100; n++) push('\r\n'.repeat(1_000));
    push('<a/>');
    expect(texts).toEqual(['a:']);
  });

  it('has no limit as a whole', () => {
    const { push, texts } = stream();
    const document = `<a>${'x'.repeat(1_000)}</a>`;
    for (let n = 0; n < 2_000; n++) push(document);
    expect(texts).toHaveLength(2_000);
  });

  it.each<[string, () => string]>([
    ['no XML', () => 'HTTP/1.1 400 Bad Request\r\n\r\n<html>'],
    ['text that never becomes a tag', () => 'x'.repeat(100_000)],
    ['a first tag that does not end', () => `<a ${' '.repeat(100_000)}`],
    ['a document type', () => '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['a document type that does not end', () => `<!DOCTYPE a [<!ENTITY x "y">${' '.repeat(2_000_000)}`],
    ['a document above the limit', () => `<a>${'x'.repeat(1_100_000)}`],
    ['a comment that does not end', () => `<a><!-- ${'x > '.repeat(300_000)}`],
    ['deep nesting', () => '<a>'.repeat(1_000)],
    ['a tag that was not opened', () => '<a></b>'],
  ])('is given up at %s, for good', (_what, of) => {
    const { push, texts } = stream();
    push('<ok/>');
    const bytes = Buffer.from(of());
    const hostile = (): void => {
      for (let at = 0; at < bytes.length; at += 1_000) push(bytes.subarray(at, at + 1_000));
    };
    expect(hostile).toThrow(XsiBadAnswer);
    expect(() => push('<ok/>')).toThrow(XsiBadAnswer);
    expect(texts).toEqual(['ok:']);
  });
});

function laughs(): string {
  const entities = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join(
    '',
  );
  return `<!DOCTYPE a [<!ENTITY l0 "lol">${entities}]><a>&l10;</a>`;
}

function stream(): { push: (bytes: Buffer | string) => void; texts: string[] } {
  const texts: string[] = [];
  const reader = new XmlStream(XML_LIMITS, (root) => texts.push(`${root.name}:${root.text}`));
  return { push: (bytes) => reader.push(Buffer.from(bytes)), texts };
}
