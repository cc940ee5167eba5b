import { jest } from '@jest/globals';
import { SipParseError } from '../../src/sip/errors.js';
import { StreamFraming } from '../../src/sip/framing.js';
import { parseMessage } from '../../src/sip/parser.js';

// Other work on the machine may take most of its time.
jest.setTimeout(30_000);

const SMALL = 8 * 1024;
const LARGE = 64 * 1024 - 1;

function message(size: number, start: string, filler: string, end = ''): Buffer {
  const tail = `${end}\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n`;
  const room = size - start.length - tail.length;
  return Buffer.from(
    `${start}${filler.repeat(Math.ceil(room / filler.length)).slice(0, room)}${tail}`,
    'latin1',
  );
}

const REQUEST = 'OPTIONS sip:a@b SIP/2.0\r\n';
const VIA = 'Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n';
const ADDRESSED = `${REQUEST}${VIA}From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n`;
/** Lines just below their limit, so that what is in them is read and not only measured. */
const inLines = (name: string, filler: string) =>
  `${name}: ${filler.repeat(Math.floor(8_000 / filler.length))}\r\n`;

const HOSTILE: Record<string, (size: number) => Buffer> = {
  'spaces in From': (size) => message(size, `${REQUEST}${VIA}From: a`, ' ', '<sip:a@b>'),
  'a folded From of spaces': (size) => message(size, `${REQUEST}${VIA}From: a`, '\r\n    ', '<sip:a@b>'),
  'one very long header': (size) => message(size, `${ADDRESSED}Subject: `, 'x'),
  'thousands of short headers': (size) => message(size, ADDRESSED, 'a:\r\n'),
  'thousands of header lines without a name': (size) => message(size, ADDRESSED, ':\r\n'),
  'thousands of commas': (size) => message(size, `${REQUEST}Via: `, ','),
  'lines of commas': (size) => message(size, ADDRESSED, inLines('Contact', ',')),
  'lines of addresses': (size) => message(size, ADDRESSED, inLines('Route', '<a:b>,')),
  'lines of Vias': (size) => message(size, REQUEST, inLines('Via', 'SIP/2.0/UDP h,')),
  'lines of open quotes': (size) => message(size, ADDRESSED, inLines('Contact', '"\\"')),
  'lines of open angle brackets': (size) => message(size, ADDRESSED, inLines('Contact', '<')),
  'lines of backslashes': (size) => message(size, ADDRESSED, inLines('Supported', '\\",')),
  'lines of parameters': (size) => message(size, ADDRESSED, inLines('Contact', ';a')),
  'lines of spaces': (size) => message(size, ADDRESSED, inLines('Subject', ' ')),
  'a folded line in every line': (size) => message(size, `${ADDRESSED}Subject: a`, '\r\n\t'),
  'an unclosed quote': (size) => message(size, `${REQUEST}${VIA}From: "`, 'a'),
  'slashes in Via': (size) => message(size, `${REQUEST}Via: `, '/'),
  'at signs in a URI': (size) => message(size, `${REQUEST}${VIA}To: <sip:`, '@'),
  'spaces in the start line': (size) => message(size, 'OPTIONS', ' ', 'SIP/2.0'),
  'line breaks before it': (size) => message(size, '', '\r\n'),
  'carriage returns': (size) => message(size, ADDRESSED, '\r'),
  'no end of headers': (size) => message(size, ADDRESSED, 'a: b\r\n').subarray(0, -4),
  'a valid message with a large body': (size) =>
    message(size, `${ADDRESSED}Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n`, 'x'),
  NUL: (size) => message(size, '', '\0'),
};

function milliseconds(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

/** 0.05 ms added to both: below it a clock and a cache decide. */
const ratio = ([small, large]: [number, number]) => (large + 0.05) / (small + 0.05);

/**
 * The best of several, taken by turns, of a small and a large input. What else the machine does can only add time, so
 * further rounds are run, for 10 s at most, while the best is not good enough.
 */
function best(
  work: (data: Buffer) => void,
  small: Buffer,
  large: Buffer,
  enough: (times: [number, number]) => boolean,
): [number, number] {
  const times: [number, number] = [Infinity, Infinity];
  const until = performance.now() + 10_000;
  for (let round = 0; round < 20 || (performance.now() < until && !enough(times)); round++) {
    times[0] = Math.min(
      times[0],
      milliseconds(() => work(small)),
    );
    times[1] = Math.min(
      times[1],
      milliseconds(() => work(large)),
    );
  }
  return times;
}

function parse(data: Buffer): void {
  try {
    parseMessage(data);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
}

/** As a stream in chunks of a few bytes: the peer that makes the receiver search again and again. */
function frame(data: Buffer, chunk: number): void {
  const framing = new StreamFraming();
  try {
    for (let at = 0; at < data.length; at += chunk) framing.push(data.subarray(at, at + chunk));
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
}

describe('time of hostile messages', () => {
  it.each(Object.entries(HOSTILE))('%s: 64 KB under 5 ms, at most 12 times 8 KB', (_what, of) => {
    const [small, large] = [of(SMALL), of(LARGE)];
    expect([small.length, large.length].map((size) => Math.round(size / 1024))).toEqual([8, 64]);
    const times = best(parse, small, large, (each) => ratio(each) <= 12 && each[1] < 5);
    expect(times[1]).toBeLessThan(5);
    expect(ratio(times)).toBeLessThanOrEqual(12);
  });
});

describe('time of hostile streams', () => {
  const STREAMS: Record<string, [data: (size: number) => Buffer, chunk: number]> = {
    'one byte at a time': [(size) => message(size, `${ADDRESSED}Subject: `, 'x'), 1],
    'line feeds, one at a time': [(size) => message(size, ADDRESSED, '\n'), 1],
    'line breaks before a message, one byte at a time': [(size) => message(size, '', '\r\n'), 1],
    'a Content-Length of spaces': [(size) => message(size, `${ADDRESSED}Content-Length:`, ' ', '\r1'), LARGE],
    'many Content-Length': [(size) => message(size, ADDRESSED, 'Content-Length: 0\r\n'), LARGE],
    'keep-alives': [(size) => Buffer.from('\r\n\r\n'.repeat(size / 4)), 1],
  };

  it.each(Object.entries(STREAMS))('%s: 32 KB at most 12 times 4 KB', (_what, [of, chunk]) => {
    const times = best(
      (data) => frame(data, chunk),
      of(4 * 1024),
      of(32 * 1024 - 100),
      (each) => ratio(each) <= 12,
    );
    expect(ratio(times)).toBeLessThanOrEqual(12);
  });
});
