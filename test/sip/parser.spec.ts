import { SipParseError } from '../../src/sip/errors.js';
import { LIMITS } from '../../src/sip/limits.js';
import type { SipRequest } from '../../src/sip/message.js';
import { parseMessage } from '../../src/sip/parser.js';
import { serializeMessage } from '../../src/sip/serializer.js';

const HEAD = [
  'OPTIONS sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:alice@example.com>;tag=1',
  'To: <sip:bob@example.com>',
  'Call-ID: 1@example.com',
  'CSeq: 1 OPTIONS',
];
const optionsWith = (...more: string[]) => `${[...HEAD, ...more].join('\r\n')}\r\n\r\n`;
const changed = (from: string, to: string) => optionsWith().replace(from, to);

const many = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, i) => of(i));

function refusal(text: string | Buffer): SipParseError {
  try {
    parseMessage(text);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new Error('The message was not refused');
}

describe('what a parser refuses', () => {
  it.each([
    ['no bytes', '', /start line/],
    ['blank lines alone', '\r\n\r\n\r\n', /start line/],
    ['a line feed without carriage return', optionsWith().replaceAll('\r', ''), /./],
    ['a missing Via', changed('Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n', ''), /^Via: is missing/],
    ['a missing CSeq', changed('CSeq: 1 OPTIONS\r\n', ''), /^CSeq is missing/],
    ['a missing Call-ID', changed('Call-ID: 1@example.com\r\n', ''), /^Call-ID is missing/],
    ['an empty Call-ID', changed('1@example.com\r\nCSeq', '\r\nCSeq'), /^Call-ID is malformed/],
    ['two From', optionsWith('f: <sip:eve@example.com>'), /^From stands twice/],
    ['a CSeq above its range', changed('CSeq: 1', 'CSeq: 2147483648'), /^CSeq is above 2147483647/],
    ['a CSeq without method', changed('1 OPTIONS', '1'), /^CSeq has no method/],
    ['a header without colon', optionsWith('Subject'), /^a header line has no name/],
    ['a header name with a space in it', optionsWith('Sub ject: x'), /^a header name is malformed/],
    ['a carriage return in a value', optionsWith('Subject: a\rb'), /^Subject holds a control character/],
    ['a NUL in a value', optionsWith('Subject: a\0b'), /^Subject holds a control character/],
    ['two @ in a URI', changed('<sip:bob@', '<sip:bob@evil.example@'), /^To: a SIP URI has two "@"/],
    ['a tag that stands twice', changed('tag=1', 'tag=1;Tag=2'), /^From: the parameter tag stands twice/],
    ['a port out of range', changed('192.0.2.1;', '192.0.2.1:65536;'), /^Via: a port is malformed/],
    ['an rport that is no port', changed('branch', 'rport=99999;branch'), /^Via: a port is malformed/],
    ['a Via without branch after its comma', changed('z9hG4bK1', 'z9hG4bK1, x'), /^Via has no protocol/],
    ['a Contact with an unclosed bracket', optionsWith('Contact: <sip:a@b'), /^Contact: "<" is not closed/],
    ['a Contact * outside REGISTER', optionsWith('Contact: *'), /^Contact: a URI has no scheme/],
    ['a Route *', optionsWith('Route: *'), /^Route: a URI has no scheme/],
    [
      'an unclosed quote in a list',
      optionsWith('Supported: "a, b'),
      /^Supported: a quoted string is not closed/,
    ],
    ['a short body', optionsWith('Content-Length: 1'), /^the body is shorter than Content-Length/],
    ['a Content-Length of words', optionsWith('Content-Length: abc'), /^Content-Length is not a number/],
  ])('%s', (_what, text, reason) => {
    expect(refusal(text).message).toMatch(reason);
  });

  it('what is above a limit, naming the limit', () => {
    expect(refusal(Buffer.alloc(LIMITS.message + 1)).message).toMatch(/65535 bytes/);
    expect(refusal(optionsWith(...many(LIMITS.headerLines, (i) => `X-${i}: 1`))).message).toMatch(
      /256 header lines/,
    );
    expect(refusal(optionsWith(`X: ${'y'.repeat(LIMITS.line)}`)).message).toMatch(/longer than 8192/);
    expect(refusal(optionsWith(`X: ${'y'.repeat(LIMITS.line - 9)}\r\n ten letters`)).message).toMatch(
      /longer than 8192/,
    );
    const vias = many(LIMITS.vias, (i) => `SIP/2.0/UDP h;branch=z9hG4bK${i}`);
    expect(refusal(optionsWith(`Via: ${vias.join(',')}`)).message).toMatch(/^Via: stands more than 70 times/);
    expect(refusal(changed('tag=1', many(65, (i) => `p${i}`).join(';'))).message).toMatch(
      /more than 64 parameters/,
    );
    expect(refusal(changed('sip:bob@', `sip:${'b'.repeat(LIMITS.uri)}@`)).message).toMatch(
      /longer than 2048/,
    );
    expect(refusal(optionsWith(`Allow: ${'A,'.repeat(LIMITS.list + 1)}`)).message).toMatch(
      /more than 128 elements/,
    );
    expect(refusal(optionsWith(...many(129, () => 'Allow: A'))).message).toMatch(/more than 128 elements/);
  });

  it('says of a request what is needed to answer 400, as far as it could be read', () => {
    const { answerable } = refusal(changed('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE'));
    expect(answerable?.method).toBe('OPTIONS');
    expect(answerable?.headers.get('call-id')).toEqual(['1@example.com']);
    expect(answerable?.headers.get('via')).toEqual(['SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1']);
    expect(refusal(optionsWith('f: <sip:eve@example.com>')).answerable?.headers.get('from')).toHaveLength(1);
    expect(refusal(optionsWith('Subject')).answerable?.headers.get('cseq')).toEqual(['1 OPTIONS']);
    expect(refusal(changed('SIP/2.0\r', 'SIP/3.0\r')).answerable?.method).toBe('OPTIONS');
  });
});

describe('what a parser takes', () => {
  it('a string as well as bytes, after blank lines', () => {
    expect(parseMessage(`\r\n\r\n${optionsWith()}`)).toMatchObject({ method: 'OPTIONS', body: '' });
  });

  it('a body in UTF-8 by its length in bytes, and the rest when no length is given', () => {
    expect(parseMessage(`${optionsWith('l: 3')}é!beyond`).body).toBe('é!');
    expect(parseMessage(`${optionsWith()}all`).body).toBe('all');
  });

  it('a Content-Type and Contact in their compact forms', () => {
    const { headers } = parseMessage(optionsWith('c: text/plain', 'm: <sip:a@b>, "x, y" <sip:c@d>;q=1'));
    expect(headers['content-type']).toEqual(['text/plain']);
    expect(headers.contact).toEqual(['<sip:a@b>', '"x, y" <sip:c@d>;q=1']);
  });

  it('a Contact * in REGISTER', () => {
    const text = optionsWith('Contact: *', 'Expires: 0').replaceAll('OPTIONS', 'REGISTER');
    expect(parseMessage(text).headers.contact).toEqual(['*']);
  });

  it('lists with empty elements, which are left out', () => {
    const { headers } = parseMessage(optionsWith('Supported: , timer,, path ,', 'Allow:', 'Require: ,'));
    expect(headers.supported).toEqual(['timer', 'path']);
    expect(headers.allow).toBeUndefined();
    expect(headers.require).toBeUndefined();
  });

  it('no header but the known lists is split', () => {
    expect(parseMessage(optionsWith('Subject: a, b', 'Subject: c')).headers.subject).toEqual(['a, b', 'c']);
  });

  it('headers and parameters named like what every object has', () => {
    const message = parseMessage(
      optionsWith('constructor: 1', '__proto__: 2', 'toString: 3').replace(
        'tag=1',
        'tag=1;__proto__=x;valueOf',
      ),
    );
    expect(Object.entries(message.headers)).toEqual([
      ['constructor', ['1']],
      ['__proto__', ['2']],
      ['tostring', ['3']],
    ]);
    expect(Object.entries(message.from.params)).toEqual([
      ['tag', '1'],
      ['__proto__', 'x'],
      ['valueof', true],
    ]);
    expect(parseMessage(serializeMessage(message))).toEqual(message);
  });
});

describe('what a serializer writes', () => {
  const message = parseMessage(optionsWith()) as SipRequest;

  it('header names in their usual form, and the length of the body in bytes', () => {
    const text = serializeMessage({
      ...message,
      headers: {
        'www-authenticate': ['Digest a'],
        'min-se': ['90'],
        'content-length': ['9'],
        'x-own': ['1', '2'],
      },
      body: 'é',
    }).toString();
    expect(text.split('\r\n')).toEqual([
      'OPTIONS sip:bob@example.com SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'From: <sip:alice@example.com>;tag=1',
      'To: <sip:bob@example.com>',
      'Call-ID: 1@example.com',
      'CSeq: 1 OPTIONS',
      'WWW-Authenticate: Digest a',
      'Min-SE: 90',
      'X-Own: 1',
      'X-Own: 2',
      'Content-Length: 2',
      '',
      'é',
    ]);
  });

  const INJECTED = 'x\r\nEvil: 1';
  it.each<[string, Partial<SipRequest>]>([
    ['the method', { method: INJECTED }],
    ['the URI', { uri: INJECTED }],
    ['a space in the URI', { uri: 'sip:a@b SIP/2.0' }],
    ['the Call-ID', { callId: INJECTED }],
    ['a display name', { from: { ...message.from, displayName: INJECTED } }],
    ['an address', { to: { uri: INJECTED, params: {} } }],
    ['a tag', { to: { uri: 'sip:a@b', params: { tag: INJECTED } } }],
    ['a parameter name', { to: { uri: 'sip:a@b', params: { [INJECTED]: true } } }],
    ['a Via host', { vias: [{ transport: 'UDP', host: INJECTED, params: {} }] }],
    ['a header', { headers: { subject: [INJECTED] } }],
    ['a lone line feed', { headers: { subject: ['a\nEvil: 1'] } }],
    ['a lone carriage return', { headers: { subject: ['a\rEvil: 1'] } }],
    ['a header name', { headers: { [INJECTED]: ['1'] } }],
    ['a colon in a header name', { headers: { 'evil: 1, x': ['1'] } }],
  ])('nothing when %s holds what ends a line or a name', (_where, change) => {
    expect(() => serializeMessage({ ...message, ...change })).toThrow(/must/);
  });
});
