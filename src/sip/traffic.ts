/** Registered methods (IANA, SIP Parameters); any other counts as `other`, so that a stranger makes up none. */
const METHODS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'REGISTER',
  'OPTIONS',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'REFER',
  'MESSAGE',
  'UPDATE',
] as const;

export type Way = 'in' | 'out';
export type CountedMethod = (typeof METHODS)[number] | 'other';
export const RESPONSE_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', '6xx'] as const;
export type ResponseClass = (typeof RESPONSE_CLASSES)[number];

const KNOWN: ReadonlySet<string> = new Set(METHODS);
const LONGEST_METHOD = 10;
const SPACE = 0x20;
/** Of the status code's first digit in `SIP/2.0 200 OK`. */
const STATUS_AT = 8;
const RESPONSE_START = Buffer.from('SIP/');
const DIGIT_0 = 0x30;

/** What has gone over the wire since the start, retransmissions too. Plain numbers: they are read, and cost little. */
export class SipTraffic {
  readonly requests = { in: perMethod(), out: perMethod() };
  readonly responses = { in: perClass(), out: perClass() };
  /** Messages that had to be sent again; requests that came again. */
  readonly retransmissions = { in: 0, out: 0 };

  request(way: Way, method: string): void {
    this.requests[way][KNOWN.has(method) ? (method as CountedMethod) : 'other']++;
  }

  response(way: Way, status: number): void {
    const kind = RESPONSE_CLASSES[Math.floor(status / 100) - 1];
    if (kind) this.responses[way][kind]++;
  }

  /** A message of our own as it is sent. */
  sent(data: Buffer): void {
    if (data.compare(RESPONSE_START, 0, RESPONSE_START.length, 0, RESPONSE_START.length) === 0) {
      this.response('out', ((data[STATUS_AT] ?? 0) - DIGIT_0) * 100);
      return;
    }
    const end = data.indexOf(SPACE);
    this.request('out', end > 0 && end <= LONGEST_METHOD ? data.toString('latin1', 0, end) : 'other');
  }
}

function perMethod(): Record<CountedMethod, number> {
  return Object.fromEntries([...METHODS, 'other'].map((method) => [method, 0])) as Record<
    CountedMethod,
    number
  >;
}

function perClass(): Record<ResponseClass, number> {
  return Object.fromEntries(RESPONSE_CLASSES.map((kind) => [kind, 0])) as Record<ResponseClass, number>;
}
