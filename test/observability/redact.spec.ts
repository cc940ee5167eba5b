import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { redactor } from '../../src/observability/logs/redact.js';
import { redactLine } from '../../src/observability/logs/redact-line.js';

const redact = redactor({ phoneNumbers: 'hidden' });
const line = (value: object) => JSON.parse(redactLine(JSON.stringify(value), redact, true)) as object;

describe('A text for the log', () => {
  it.each([
    ['Called +3212345678', 'Called +32•••••78'],
    ['+32 (0)12 34.56-78 does not answer', '+32•••••78 does not answer'],
    ['03/212 34 56 78', '•••••78'],
    ['032123456789', '•••••89'],
    ['"phoneNumber":"3212345678"', '"phoneNumber":"•••••78"'],
    ['/calls?to=%2B3212345678', '/calls?to=%2B•••••78'],
    ['<sip:+3212345678@10.0.0.1:5060>;tag=1', '<sip:+32•••••78@10.0.0.1:5060>;tag=1'],
    ['sip:112@10.0.0.1', 'sip:•••••@10.0.0.1'],
    ['tel:+32-12-345678', 'tel:+32•••••78'],
  ])('hides the phone number of %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    ['Authorization: Bearer abc.def', 'Authorization:•••••'],
    [
      'a\r\nProxy-Authorization: Digest username="x", response="1f"\r\nVia: b',
      'a\r\nProxy-Authorization:•••••\r\nVia: b',
    ],
    ['WWW-Authenticate: Digest nonce="1f"', 'WWW-Authenticate:•••••'],
    ['Digest username="LP_foouser", response="1f"', 'Digest •••••'],
    ['cnonce="0a4f", nc=1', 'cnonce="•••••", nc=1'],
    ['bearer opaque-token is bad', 'bearer ••••• is bad'],
    ['bad eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', 'bad •••••'],
    ['password: a long secret\nnext', 'password: •••••\nnext'],
    ['{"password":"with \\" quote","user":"x"}', '{"password":•••••,"user":"x"}'],
    ['secret=hunter2&x=1', 'secret=•••••&x=1'],
    ['?access_token=opaque&x=1', '?access_token=•••••&x=1'],
    ['postgres://service:p@ss:word@db:5432/calls', 'postgres://•••••@db:5432/calls'],
    ['https://key@traces.example.com', 'https://•••••@traces.example.com'],
    ['sip:alice:hunter2@sip.example.test', 'sip:•••••@sip.example.test'],
  ])('hides the credentials of %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'callhalf-7329817239817239817:0',
    '0193f0aa-1234-4321-8888-123456789012',
    'SIP on 192.168.100.200:5060',
    'LP_foouser@sip.example.test is not registered: 403',
    'RTP_PORTS 10000-19999, 2026-10-05T09:01:02.345Z',
    'password authentication failed',
    'invalid token: signature verification failed',
  ])('keeps %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('shows phone numbers where the operator wants them, but no credentials', () => {
    const open = redactor({ phoneNumbers: 'shown' });
    expect(open('+3212345678 password=x')).toBe('+3212345678 password=•••••');
  });

  it('holds no whole phone number, whatever is around it', () => {
    const number = fc.stringMatching(/^\+[1-9]\d{6,14}$/);
    const around = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(around, number, around, (before, digits, after) => {
        expect(redact(before + digits + after)).not.toContain(digits);
        expect(redact(`${before}${digits.slice(1)}${after}`)).not.toContain(digits.slice(1));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    'eyJ-',
    '://a:',
    '://',
    'sip:',
    'sip:a:',
    'password="',
    'password:\\"',
    'response="',
    '+1',
    '(1',
    '0 ',
    'digest ',
    'token=',
    'authorization',
    'a1',
    '\\"',
    'callhalf-',
    '1234-',
  ])('takes time linear in its length: many of %j', (piece) => {
    const time = (length: number) => {
      const text = piece.repeat(length / piece.length);
      const before = process.cpuUsage();
      redact(text);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    // Eight times as long: 64 times the time where it is quadratic.
    const best = (length: number) => Math.min(...Array.from({ length: 4 }, () => time(length)));
    const [short, long] = [best(50_000), best(400_000)];
    expect(long).toBeLessThan(Math.max(32 * short, 100));
  });
});

describe('A line for the log', () => {
  it('is redacted in all its values and names', () => {
    expect(
      line({
        time: '2026-10-05T09:01:02.345Z',
        traceId: '4bf92f3577b34da6a3ce929d01234567',
        err: { stack: 'Error: no sip:+3212345678@h\n at x', causes: ['Bearer abc'] },
        '+3212345678': 1,
      }),
    ).toEqual({
      time: '2026-10-05T09:01:02.345Z',
      traceId: '4bf92f3577b34da6a3ce929d01234567',
      err: { stack: 'Error: no sip:+32•••••78@h\n at x', causes: ['Bearer •••••'] },
      '+32•••••78': 1,
    });
  });

  it('hides what its name says to be secret, and numbers that are phone numbers', () => {
    expect(
      line({ password: 'x', headers: { authorization: 'x' }, phoneNumber: 3212345678, bytes: 12345678 }),
    ).toEqual({
      password: '•••••',
      headers: { authorization: '•••••' },
      phoneNumber: '•••••78',
      bytes: 12345678,
    });
  });

  it('is not shown at all where it cannot be read', () => {
    expect(redactLine('{"msg":"+3212345678', redact, true)).not.toContain('3212345678');
  });
});
