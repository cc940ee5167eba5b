import { XsiBadAnswer } from './errors.js';
import { child, textOf, type XmlElement } from './xml.js';

const PERSONALITIES = ['Originator', 'Terminator', 'Click-to-Dial'] as const;
const STATES = ['Idle', 'Alerting', 'Active', 'Held', 'Remote Held', 'Detached', 'Released'] as const;
const RECORDING_STATES = ['Pending', 'Started', 'Paused', 'Failed'] as const;
const RELEASING_PARTIES = ['localRelease', 'remoteRelease'] as const;

/** A call of one user, as the switch tells of it. Times are milliseconds since 1970. */
export interface SeenCall {
  callId: string;
  externalTrackingId: string;
  personality: (typeof PERSONALITIES)[number];
  state: (typeof STATES)[number];
  /** E.164, extension, user id, or what stands in a SIP URI; without its scheme. */
  remoteAddress?: string;
  remoteUserId?: string;
  remoteName?: string;
  callType?: string;
  /** Of the user's device that carries the call, without its scheme. */
  addressOfRecord?: string;
  appearance?: number;
  startTime?: number;
  answerTime?: number;
  heldTime?: number;
  /** Whether it has been recorded at all. */
  recorded: boolean;
  recordingState?: (typeof RECORDING_STATES)[number];
  releaseCause?: string;
  releasingParty?: (typeof RELEASING_PARTIES)[number];
}

/**
 * Reads a `Call` of Xsi-Actions or the `call` of an event. What is optional and not understood is left out.
 * @throws XsiBadAnswer no ids, or a personality or state that is not known
 */
export function seenCall(element: XmlElement): SeenCall {
  const remote = child(element, 'remoteParty');
  const endpoint = child(element, 'endpoint');
  const cause = child(element, 'releaseCause');
  const remoteAddress = remote && filled(remote, 'address');
  const addressOfRecord = endpoint && filled(endpoint, 'addressOfRecord');
  const releaseCause = cause && (filled(cause, 'internalReleaseCause') || cause.text.trim());
  return defined<SeenCall>({
    callId: needed(filled(element, 'callId'), 'callId'),
    externalTrackingId: needed(
      filled(element, 'extTrackingId') ?? filled(element, 'externalTrackingId'),
      'extTrackingId',
    ),
    personality: needed(oneOf(PERSONALITIES, textOf(element, 'personality')), 'personality'),
    state: needed(oneOf(STATES, textOf(element, 'state')), 'state'),
    remoteAddress: remoteAddress && bareAddress(remoteAddress),
    remoteUserId: remote && filled(remote, 'userId'),
    remoteName: remote && filled(remote, 'name'),
    callType: remote && filled(remote, 'callType'),
    addressOfRecord: addressOfRecord && withoutScheme(addressOfRecord),
    appearance: wholeNumber(textOf(element, 'appearance')),
    startTime: wholeNumber(textOf(element, 'startTime')),
    answerTime: wholeNumber(textOf(element, 'answerTime')),
    heldTime: wholeNumber(textOf(element, 'heldTime')),
    recorded: child(element, 'recorded') !== undefined,
    recordingState: oneOf(RECORDING_STATES, textOf(element, 'recordingState')),
    releaseCause: releaseCause || undefined,
    releasingParty: oneOf(RELEASING_PARTIES, textOf(element, 'releasingParty')),
  });
}

/** `+3212345678` for `tel:+32-12345678` and for `sip:+3212345678@host;user=phone`; other SIP URIs keep their host. */
export function bareAddress(address: string): string {
  const bare = withoutScheme(address);
  const user = bare.split('@')[0] ?? bare;
  return /^\+?[\d().-]*\d[\d().-]*$/.test(user) ? user.replace(/[().-]/g, '') : bare;
}

function withoutScheme(address: string): string {
  const [, scheme, rest = ''] = /^(tel|sips?):(.*)$/is.exec(address.trim()) ?? [];
  return scheme === undefined ? address.trim() : (rest.split(';')[0] ?? rest);
}

function filled(element: XmlElement, name: string): string | undefined {
  return textOf(element, name) || undefined;
}

function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new XsiBadAnswer(`A call without a ${name} that is known.`);
  return value;
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The properties that have a value. */
function defined<T extends object>(properties: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T;
}
