import * as fc from 'fast-check';
import { SipParseError } from '../../src/sip/errors.js';
import { formatNameAddr, formatVia, parseNameAddr, parseVia } from '../../src/sip/name-addr.js';
import { formatUri, isSameAddress, parseUri, sipUri } from '../../src/sip/uri.js';

describe('a SIP URI', () => {
  it.each([
    ['sip:example.com', { scheme: 'sip', host: 'example.com', params: {} }],
    ['SIPS:bob@Example.com:5061', { scheme: 'sips', user: 'bob', host: 'Example.com', port: 5061 }],
    ['sip:bob:secret@h', { user: 'bob', password: 'secret', host: 'h' }],
    ['sip:bob@h;transport=tcp;lr', { params: { transport: 'tcp', lr: true } }],
    ['sip:bob@h?subject=x&to=y', { host: 'h', headers: 'subject=x&to=y' }],
    ['sip:+3212;ext=1@h', { user: '+3212;ext=1', host: 'h' }],
    ['sip:a%40b%3a@h', { user: 'a@b:', host: 'h' }],
    ['sip:bob@[2001:db8::1]:5060;lr', { host: '[2001:db8::1]', port: 5060, params: { lr: true } }],
    ['sip:bob@h;maddr=[::1];x=a/b+c%20d', { params: { maddr: '[::1]', x: 'a/b+c%20d' } }],
    [
      'tel:+32-1234;phone-context=example.com',
      { scheme: 'tel', host: '+32-1234', params: { 'phone-context': 'example.com' } },
    ],
    ['urn:service:sos', { scheme: 'urn', host: 'service:sos' }],
  ])('%s is read', (text, parts) => {
    expect(parseUri(text)).toMatchObject(parts);
  });

  it.each([
    ['', /no scheme/],
    ['bob@example.com', /no scheme/],
    ['1ü:x', /no scheme/],
    ['sip:', /a host is malformed/],
    ['sip:@h', /empty user/],
    ['sip:bob@', /a host is malformed/],
    ['sip:bob@h:', /a port is malformed/],
    ['sip:bob@h:0', /a port is malformed/],
    ['sip:bob@h:65536', /a port is malformed/],
    ['sip:bob@h_ö', /a host is malformed/],
    ['sip:bob@[::1', /not closed/],
    ['sip:bob@[::1]x', /text follows/],
    ['sip:bob@[::g]', /an IPv6 reference is malformed/],
    ['sip:bob@[1:2]', /an IPv6 reference is malformed/],
    ['sip:bob@[fe80::1%25eth0]', /an IPv6 reference is malformed/],
    ['sip:b b@h', /must not hold/],
    ['sip:b<b@h', /must not hold/],
    ['sip:b%zz@h', /malformed escape/],
    ['sip:b%ff@h', /malformed escape/],
    ['sip:a@b@c', /two "@"/],
    ['sip:b@h;lr;LR', /the parameter lr stands twice/],
    ['sip:b@h;', /a parameter has no name/],
    ['tel:', /no number/],
  ])('%j is refused', (text, reason) => {
    expect(() => parseUri(text)).toThrow(SipParseError);
    expect(() => parseUri(text)).toThrow(reason);
  });

  it('of any user is written so that it is read as the same user', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (user) => {
        expect(parseUri(sipUri(user, 'h', 5060, { transport: 'tcp' }))).toEqual({
          scheme: 'sip',
          user,
          host: 'h',
          port: 5060,
          params: { transport: 'tcp' },
        });
      }),
    );
  });

  it('is written as it was read', () => {
    for (const text of [
      'sip:h',
      'sips:bob:pw@h:5061;lr;x=a/b?to=y',
      'tel:+32;phone-context=+1',
      'sip:a%40b@[::1]',
    ]) {
      expect(formatUri(parseUri(text))).toBe(text);
    }
  });

  it('escapes in the user what would end it', () => {
    expect(sipUri('a@b:c<>" %\r\n', 'h')).toBe('sip:a%40b%3Ac%3C%3E%22%20%25%0D%0A@h');
  });

  it('cannot be written with a parameter that it cannot hold', () => {
    expect(() => sipUri('a', 'h', 5060, { x: 'a;b' })).toThrow(/cannot hold the parameter "x"/);
    expect(() => sipUri('a', 'h', 5060, { 'x>': true })).toThrow(/cannot hold/);
  });

  it.each([
    ['sip:bob@Example.com', 'sips:bob@example.COM:5061;transport=tcp', true],
    ['sip:b%6Fb@h', 'sip:bob@h', true],
    ['sip:h', 'sip:h;lr', true],
    ['sip:bob@h', 'sip:Bob@h', false],
    ['sip:bob@h', 'sip:h', false],
    ['sip:bob@h', 'sip:bob@g', false],
    ['tel:+32', 'sip:+32@h', false],
    ['sip:bob@h', 'nonsense', false],
  ])('%s and %s name the same address: %s', (a, b, same) => {
    expect(isSameAddress(a, b)).toBe(same);
  });
});

describe('an address with a name', () => {
  it.each([
    ['<sip:a@b>', { uri: 'sip:a@b', params: {} }],
    ['sip:a@b;tag=1', { uri: 'sip:a@b', params: { tag: '1' } }],
    ['<sip:a@b;lr>;tag=1', { uri: 'sip:a@b;lr', params: { tag: '1' } }],
    ['Bob B <sip:a@b>', { displayName: 'Bob B', uri: 'sip:a@b', params: {} }],
    ['"a \\"b\\" <c>" <sip:a@b>;x="1;2"', { displayName: 'a "b" <c>', uri: 'sip:a@b', params: { x: '1;2' } }],
    ['"" <sip:a@b>;tag=', { uri: 'sip:a@b', params: { tag: true } }],
    ['<tel:+32>', { uri: 'tel:+32', params: {} }],
  ])('%s is read, and written so that it is read the same', (text, address) => {
    expect(parseNameAddr(text)).toEqual(address);
    expect(parseNameAddr(formatNameAddr(address as never))).toEqual(address);
  });

  it.each([
    '',
    '<',
    '<>',
    '"a',
    '"a" sip:a@b',
    'a, b <sip:a@b>',
    '<sip:a@b> x',
    '<sip:a@b',
    'sip:a@b?x=y',
    '<sip:a@b>;',
  ])('%j is refused', (text) => {
    expect(() => parseNameAddr(text)).toThrow(SipParseError);
  });
});

describe('a Via', () => {
  it('is read and written', () => {
    const via = parseVia('SIP / 2.0 / udp  h : 5070 ; rport ;branch = z9hG4bK1; received=[::1]');
    expect(via).toEqual({
      transport: 'UDP',
      host: 'h',
      port: 5070,
      params: { rport: true, branch: 'z9hG4bK1', received: '[::1]' },
    });
    expect(formatVia(via)).toBe('SIP/2.0/UDP h:5070;rport;branch=z9hG4bK1;received=[::1]');
  });

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'HTTP/2.0/UDP h',
    'SIP/3.0/UDP h',
    'SIP/2.0/U;P h',
    'SIP/2.0/UDP a b',
  ])('%j is refused', (text) => {
    expect(() => parseVia(text)).toThrow(SipParseError);
  });
});
