import { LIMITS } from './limits.js';

/** A session description that cannot be used. */
export class SdpError extends Error {}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const DIRECTIONS: ReadonlySet<string> = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive']);

interface Media {
  /** Of the m= line. */
  fields: string[];
  lines: string[];
}

interface Sections {
  session: string[];
  media: Media[];
}

/** Replaces the o= line, since each leg is a session of its own (RFC 3264 §5). @throws SdpError */
export function rewriteOrigin(
  sdp: string,
  origin: { sessionId: number; version: number; address: string },
): string {
  const { session, media } = split(sdp);
  const line = `o=- ${origin.sessionId} ${origin.version} ${netAddress(origin.address)}`;
  return join({ session: session.map((each) => (each.startsWith('o=') ? line : each)), media });
}

/** The direction that the sender of the description wants for its first audio stream. @throws SdpError */
export function directionOf(sdp: string): Direction {
  const { session, media } = split(sdp);
  const audio = media.find(isUsedAudio) ?? media[0];
  const direction = directionIn(audio?.lines ?? []) ?? directionIn(session) ?? 'sendrecv';
  const connection = connectionIn(audio?.lines ?? []) ?? connectionIn(session);
  if (connection !== '0.0.0.0') return direction;
  // RFC 3264 §8.4: the old way to put on hold.
  return direction === 'recvonly' || direction === 'inactive' ? 'inactive' : 'sendonly';
}

/** Sets the direction of every stream. @throws SdpError */
export function rewriteDirection(sdp: string, direction: Direction): string {
  const { session, media } = split(sdp);
  return join({
    session: withoutDirection(session),
    media: media.map(({ fields, lines }) => ({
      fields,
      lines: [...withoutDirection(lines), `a=${direction}`],
    })),
  });
}

/** The first audio stream that is in use; undefined where there is none. @throws SdpError */
export function audioOf(
  sdp: string,
): { address: string; port: number; rtcpPort: number; payloadTypes: string[] } | undefined {
  const { session, media } = split(sdp);
  const audio = media.find(isUsedAudio);
  if (!audio) return undefined;
  const address = connectionIn(audio.lines) ?? connectionIn(session);
  if (address === undefined) throw new SdpError('an audio stream has no c= line');
  const port = portOf(audio);
  // RFC 3605, else RFC 3550 §11.
  const rtcpPort = Number(audio.lines.find(isRtcp)?.match(/^a=rtcp:(\d{1,5})\b/)?.[1] ?? port + 1);
  return { address, port, rtcpPort, payloadTypes: audio.fields.slice(3) };
}

/**
 * Puts another address in the place of the sender's, for the first audio stream in use: RTP to the port, RTCP to the
 * next one. Other streams keep theirs. @throws SdpError
 */
export function rewriteAudio(sdp: string, to: { address: string; port: number }): string {
  const { session, media } = split(sdp);
  const audio = media.find(isUsedAudio);
  if (!audio) return sdp;
  const connection = `c=${netAddress(to.address)}`;
  const connected = (lines: string[]) => lines.map((line) => (line.startsWith('c=') ? connection : line));
  const shared = media.some((each) => each !== audio && portOf(each) !== 0 && !connectionIn(each.lines));
  const lines = connected(audio.lines)
    .filter((line) => line !== 'a=rtcp-mux')
    .map((line) => (isRtcp(line) ? `a=rtcp:${to.port + 1}` : line));
  // RFC 8866 §5: i= comes before c=.
  const place = lines[0]?.startsWith('i=') ? 1 : 0;
  if (shared && !connectionIn(lines)) lines.splice(place, 0, connection);
  const [type = '', , ...rest] = audio.fields;
  const rewritten = { fields: [type, String(to.port), ...rest], lines };
  return join({
    session: shared ? session : connected(session),
    media: media.map((each) => (each === audio ? rewritten : each)),
  });
}

/** An offer of G.711 that wants no media yet. */
export function inactiveOffer({ address }: { address: string }): string {
  return [
    'v=0',
    `o=- 0 0 ${netAddress(address)}`,
    's=-',
    `c=${netAddress(address)}`,
    't=0 0',
    'm=audio 9 RTP/AVP 0 8 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=inactive',
    '',
  ].join('\r\n');
}

/** Accepts the offer's first audio stream without media, and refuses the other streams (RFC 3264 §6). @throws SdpError */
export function inactiveAnswerTo(offer: string, { address }: { address: string }): string {
  const { session, media } = split(offer);
  const accepted = media.find(isUsedAudio);
  return join({
    session: [
      'v=0',
      `o=- 0 0 ${netAddress(address)}`,
      's=-',
      `c=${netAddress(address)}`,
      // Equal to that of the offer (RFC 3264 §6).
      session.find((line) => line.startsWith('t=')) ?? 't=0 0',
    ],
    media: media.map((stream) => {
      const [type = '', , protocol = '', ...formats] = stream.fields;
      if (stream !== accepted) return { fields: [type, '0', protocol, ...formats], lines: [] };
      const codecs = stream.lines.filter(
        (line) => line.startsWith('a=rtpmap:') || line.startsWith('a=fmtp:'),
      );
      return { fields: [type, '9', protocol, ...formats], lines: [...codecs, 'a=inactive'] };
    }),
  });
}

const ANSWERS = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
} as const;

/** Accepts the offer's first audio stream in the direction that it asks for (RFC 3264 §6.1). @throws SdpError */
export function answerTo(offer: string, own: { address: string }): string {
  return rewriteDirection(inactiveAnswerTo(offer, own), ANSWERS[directionOf(offer)]);
}

function split(sdp: string): Sections {
  if (sdp.length > LIMITS.sdp) throw new SdpError(`a description is longer than ${LIMITS.sdp} characters`);
  const lines = sdp.split(/\r\n|\n/).filter(Boolean);
  if (lines.length > LIMITS.sdpLines)
    throw new SdpError(`a description has more than ${LIMITS.sdpLines} lines`);
  if (lines[0] !== 'v=0') throw new SdpError('a description does not begin with v=0');
  const sections: Sections = { session: [], media: [] };
  for (const line of lines) {
    if (line[1] !== '=' || line.includes('\r') || line.includes('\0'))
      throw new SdpError('a line of a description is malformed');
    if (line.startsWith('m=')) {
      const media = { fields: line.slice(2).split(' ').filter(Boolean), lines: [] };
      portOf(media);
      sections.media.push(media);
    } else (sections.media.at(-1)?.lines ?? sections.session).push(line);
  }
  if (sections.session.filter((line) => line.startsWith('o=')).length !== 1)
    throw new SdpError('a description has not exactly one o= line');
  return sections;
}

function join({ session, media }: Sections): string {
  const lines = [...session];
  for (const { fields, lines: own } of media) lines.push(`m=${fields.join(' ')}`, ...own);
  return `${lines.join('\r\n')}\r\n`;
}

function portOf({ fields }: Media): number {
  const port = /^(\d{1,5})(?:\/\d{1,5})?$/.exec(fields[1] ?? '')?.[1];
  if (fields.length < 4 || port === undefined || Number(port) > 65_535) {
    throw new SdpError('an m= line is malformed');
  }
  return Number(port);
}

function isUsedAudio(media: Media): boolean {
  return media.fields[0] === 'audio' && portOf(media) !== 0;
}

function isRtcp(line: string): boolean {
  return line.startsWith('a=rtcp:');
}

function netAddress(address: string): string {
  return `IN IP${address.includes(':') ? 6 : 4} ${address}`;
}

function isDirection(line: string): boolean {
  return line.startsWith('a=') && DIRECTIONS.has(line.slice(2).trim());
}

function withoutDirection(lines: string[]): string[] {
  return lines.filter((line) => !isDirection(line));
}

function directionIn(lines: string[]): Direction | undefined {
  return lines.find(isDirection)?.slice(2).trim() as Direction | undefined;
}

function connectionIn(lines: string[]): string | undefined {
  return lines
    .find((line) => line.startsWith('c='))
    ?.split(' ')[2]
    ?.split('/')[0];
}
