import { header, type SipMessage, type SipRequest, tagOf } from '../../src/sip/message.js';
import { parseNameAddr } from '../../src/sip/name-addr.js';
import { directionOf } from '../../src/sip/sdp.js';
import { parseUri } from '../../src/sip/uri.js';
import { words } from './words.js';

/** In the order in which a ladder shows them. */
export const PARTICIPANTS = {
  client: 'API client',
  foo: "foouser's phone",
  mobile: "foouser's mobile",
  service: 'service',
  bar: "baruser's phone",
  baz: "bazuser's phone",
  trunk: 'trunk',
};
export type Participant = keyof typeof PARTICIPANTS;

/** A message between the service and somebody. */
export interface Arrow {
  from: Participant;
  to: Participant;
  text: string;
  reply: boolean;
  /** SIP: which of the participant's dialogs, from 1. */
  dialog?: number;
}

/** A mermaid sequence diagram. A participant with several dialogs has them named `call 1`, `call 2`… */
export function ladder(arrows: Arrow[]): string {
  const seen = (who: string) => arrows.some(({ from, to }) => from === who || to === who);
  const participants = Object.entries(PARTICIPANTS).filter(([who]) => who === 'service' || seen(who));
  const lines = [
    ...participants.map(([who, name]) => `participant ${who} as ${name}`),
    ...arrows.map((arrow) => {
      const { from, to, reply, text } = arrow;
      const call = isOneOfSeveral(arrow, arrows) ? `call ${arrow.dialog}: ` : '';
      return `${from}${reply ? '-->>' : '->>'}${to}: ${call}${text}`;
    }),
  ];
  return ['```mermaid', 'sequenceDiagram', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

function isOneOfSeveral(arrow: Arrow, arrows: Arrow[]): boolean {
  return arrows.some((other) => other.dialog !== arrow.dialog && partyOf(other) === partyOf(arrow));
}

function partyOf({ from, to }: Pick<Arrow, 'from' | 'to'>): Participant {
  return from === 'service' ? to : from;
}

/**
 * The page without what differs from run to run: each ladder is told dialog by dialog, since messages to different
 * phones overtake each other.
 */
export function comparable(page: string): string {
  return words(
    page.replaceAll(/(?:^ *\w+--?>>\w+: .*\n)+/gm, (arrows) => {
      const lines = arrows.trimEnd().split('\n');
      return `${lines.toSorted((one, other) => laneOf(one).localeCompare(laneOf(other))).join('\n')}\n`;
    }),
  );
}

function laneOf(line: string): string {
  const [, from = '', to = '', call = ''] = /(\w+)--?>>(\w+): (call \d+)?/.exec(line) ?? [];
  return `${from === 'service' ? to : from} ${call}`;
}

/** The same for a message and its retransmissions, and for a provisional response that is repeated. */
export function identityOf(message: SipMessage): string {
  const { callId, cseq, from, to } = message;
  const what = message.kind === 'request' ? message.method : message.status;
  return [what, callId, cseq.number, cseq.method, tagOf(from), tagOf(to)].join(' ');
}

/** What matters of the message to a reader of the ladder. */
export function essentials(message: SipMessage): string {
  if (message.kind === 'response') {
    return [`${message.status} ${message.cseq.method}`, ...sdp(message)].join(', ');
  }
  switch (message.method) {
    case 'INVITE':
      return [
        nameOfInvite(message),
        ...credentials(message),
        ...(message.body ? sdp(message) : ['no SDP']),
      ].join(', ');
    case 'REFER':
      return `REFER, Refer-To ${target(header(message, 'refer-to') ?? '')}`;
    case 'NOTIFY':
      return `NOTIFY ${message.body.split(' ')[1]}, ${header(message, 'subscription-state')?.split(';')[0]}`;
    default:
      return [message.method, ...sdp(message)].join(', ');
  }
}

function nameOfInvite({ from, to, uri }: SipRequest): string {
  return tagOf(to) === undefined ? `INVITE ${userOf(from.uri)} to ${userOf(uri)}` : 're-INVITE';
}

function credentials(request: SipRequest): string[] {
  return header(request, 'authorization') === undefined ? [] : ['Authorization'];
}

function sdp({ body, headers }: SipMessage): string[] {
  return headers['content-type']?.[0] === 'application/sdp' ? [`SDP ${directionOf(body)}`] : [];
}

function target(referTo: string): string {
  const { uri } = parseNameAddr(referTo);
  return uri.includes('Replaces=') ? `${userOf(uri)} with Replaces` : userOf(uri);
}

function userOf(uri: string): string {
  return parseUri(uri).user ?? uri;
}
