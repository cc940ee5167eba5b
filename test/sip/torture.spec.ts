import { SipParseError } from '../../src/sip/errors.js';
import type { SipRequest, SipResponse } from '../../src/sip/message.js';
import { parseNameAddr } from '../../src/sip/name-addr.js';
import { parseMessage } from '../../src/sip/parser.js';
import { serializeMessage } from '../../src/sip/serializer.js';
import { parseUri } from '../../src/sip/uri.js';
import { INVALID } from './fixtures/torture-invalid.js';
import { IPV6, LENIENT } from './fixtures/torture-lenient.js';
import { VALID } from './fixtures/torture-valid.js';

const request = (data: Buffer) => parseMessage(data) as SipRequest;
const contactOf = (data: Buffer) => parseNameAddr(request(data).headers.contact?.[0] ?? '');
const response = (data: Buffer) => parseMessage(data) as SipResponse;

describe('valid messages of RFC 4475 §3.1.1', () => {
  it('wsinv: folding, white space, compact forms, odd case', () => {
    const message = request(VALID.wsinv);
    expect(message).toMatchObject({
      method: 'INVITE',
      uri: 'sip:vivekg@chair-dnrc.example.com;unknownparam',
      to: { uri: 'sip:vivekg@chair-dnrc.example.com', params: { tag: '1918181833n' } },
      from: {
        displayName: 'J Rosenberg \\"',
        uri: 'sip:jdrosen@example.com',
        params: { tag: '98asjd8' },
      },
      callId: 'wsinv.ndaksdj@192.0.2.1',
      cseq: { number: 9, method: 'INVITE' },
      vias: [
        { transport: 'UDP', host: '192.0.2.2', params: { branch: '390skdjuw' } },
        { transport: 'TCP', host: 'spindle.example.com', params: { branch: 'z9hG4bK9ikj8' } },
        { transport: 'UDP', host: '192.168.255.111', params: { branch: 'z9hG4bK30239' } },
      ],
      headers: {
        'max-forwards': ['0068'],
        subject: [''],
        newfangledheader: ['newfangled value continued newfangled value'],
        unknownheaderwithunusualvalue: [';;,,;;,;'],
        'content-type': ['application/sdp'],
        route: ['<sip:services.example.com;lr;unknownwith=value;unknown-no-value>'],
      },
    });
    expect(message.body).toMatch(/^v=0\r\n.*a=rtpmap:31 LPC\r\n$/s);
    expect(parseNameAddr(message.headers.contact?.[0] ?? '')).toMatchObject({
      displayName: 'Quoted string ""',
      uri: 'sip:jdrosen@example.com',
      params: { newparam: 'newvalue', secondparam: true, q: '0.33' },
    });
  });

  it('intmeth: every character that a method, a user part and a display name may hold', () => {
    const message = request(VALID.intmeth);
    expect(message.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(parseUri(message.uri)).toMatchObject({
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
      host: 'example.com',
    });
    expect(message.to.displayName).toBe('BEL:\x07 NUL:\uFFFD DEL:\x7F');
    expect(message.from).toMatchObject({
      displayName: "token1~` token2'+_ token3*%!.-",
      params: { "fromparam''~+*_!.-%": 'работающий', tag: "_token~1'+`*%!-." },
    });
    expect(message.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
    expect(message.headers["extensionheader-!.%*+_`'~"]?.[0]).toContain('大停電');
  });

  it('esc01: escapes in user and parameters', () => {
    const message = request(VALID.esc01);
    expect(parseUri(message.uri)).toMatchObject({ user: 'sips:user@example.com', host: 'example.net' });
    expect(parseUri(message.to.uri).user).toBe('user');
    expect(parseUri(message.from.uri).user).toBe('I have spaces');
  });

  it('escnull: an escaped NUL in a user part', () => {
    const message = request(VALID.escnull);
    expect(parseUri(message.to.uri).user).toBe('null-\0-null');
    expect(message.headers.contact).toEqual([
      '<sip:%00@host5.example.com>',
      '<sip:%00%00@host5.example.com>',
    ]);
  });

  it('esc02: percent signs that escape nothing', () => {
    const message = request(VALID.esc02);
    expect(message.method).toBe('RE%47IST%45R');
    expect(message.to.displayName).toBe('%Z%45');
    expect(message.headers.contact).toHaveLength(2);
    expect(message.headers['c%6fntact']).toEqual(['<sip:alias2@host2.example.com>']);
  });

  it('lwsdisp: a display name next to its bracket', () => {
    expect(request(VALID.lwsdisp).from).toMatchObject({
      displayName: 'caller',
      uri: 'sip:caller@example.com',
      params: { tag: '323' },
    });
  });

  it('longreq: long names and values, 34 Vias', () => {
    const message = request(VALID.longreq);
    expect(message.vias).toHaveLength(34);
    expect(message.from.params.tag).toHaveLength(302);
    expect(message.to.displayName).toMatch(/^I have a user name of (extreme){10} proportion$/);
    expect(message.callId).toHaveLength(141);
  });

  it('dblreq: what follows the message in its datagram is not of it', () => {
    expect(request(VALID.dblreq)).toMatchObject({ method: 'REGISTER', body: '' });
  });

  it('semiuri: semicolon and escaped @ in a user part', () => {
    const message = request(VALID.semiuri);
    expect(parseUri(message.uri)).toMatchObject({ user: 'user;par=u@example.net', host: 'example.com' });
    expect(message.headers.accept?.[0]).toMatch(/pkcs7-mime, multipart\/mixed/);
  });

  it('transports: known and unknown ones', () => {
    expect(request(VALID.transports).vias.map(({ transport }) => transport)).toEqual([
      'UDP',
      'SCTP',
      'TLS',
      'UNKNOWN',
      'TCP',
    ]);
  });

  it('mpart01: a binary body is cut by its length in bytes (and read as UTF-8)', () => {
    const { body } = request(VALID.mpart01);
    expect(body).toMatch(/^--7a9cbec02ceef655\r\n.*--7a9cbec02ceef655--\r\n$/s);
  });

  it('unreason and noreason: the reason phrase is free text, or empty', () => {
    expect(response(VALID.unreason)).toMatchObject({
      status: 200,
      reason: '= 2**3 * 5**2 но сто девяносто девять - простое',
    });
    expect(response(VALID.noreason)).toMatchObject({ status: 100, reason: '' });
  });

  it.each(Object.entries(VALID))('%s is the same when written and read again', (name, data) => {
    const message = parseMessage(data);
    expect(name).not.toBe('');
    expect(parseMessage(serializeMessage(message))).toEqual(message);
  });
});

describe('invalid messages of RFC 4475 §3.1.2 and §3.3', () => {
  it.each(Object.entries(INVALID))('%s is refused with its reason', (_name, { data, reason }) => {
    const refusal = () => parseMessage(data);
    expect(refusal).toThrow(SipParseError);
    expect(refusal).toThrow(reason);
  });
});

describe('messages that a parser may leave to others', () => {
  it.each(Object.entries(LENIENT))('%s is read', (_name, data) => {
    expect(parseMessage(data).callId).not.toBe('');
  });

  it('keeps what an unknown scheme holds', () => {
    expect(parseUri(request(LENIENT.unkscm).uri)).toMatchObject({
      scheme: 'nobodyknowsthisscheme',
      host: 'totallyopaquecontent',
    });
  });

  it('tells parameters of a URI from those of its header', () => {
    expect(contactOf(LENIENT.cparam01)).toMatchObject({
      uri: 'sip:+19725552222@gw1.example.net',
      params: { unknownparam: true },
    });
    expect(contactOf(LENIENT.cparam02)).toMatchObject({
      uri: 'sip:+19725552222@gw1.example.net;unknownparam',
      params: {},
    });
  });

  it('splits required extensions', () => {
    expect(request(LENIENT.bext01).headers.require).toEqual([
      'nothingSupportsThis',
      'nothingSupportsThisEither',
    ]);
  });

  it('takes an INVITE of RFC 2543, without branch, tag and Content-Length', () => {
    const message = request(LENIENT.inv2543);
    expect(message.vias[0]?.params).toEqual({});
    expect(message.from.params).toEqual({});
    expect(message.body).toMatch(/^v=0/);
  });
});

describe('IPv6 (RFC 5118)', () => {
  it('reads references in URIs, Via and received', () => {
    const message = request(IPV6.valid);
    expect(parseUri(message.uri)).toMatchObject({ host: '[2001:db8::10]', port: 5070 });
    expect(message.vias[0]).toMatchObject({
      host: '[2001:db8::9:1]',
      port: 6050,
      params: { received: '[2001:db8::9:255]' },
    });
  });

  it('refuses an address without brackets', () => {
    expect(() => parseMessage(IPV6.withoutBrackets)).toThrow(/the request URI: a port is malformed/);
  });
});
