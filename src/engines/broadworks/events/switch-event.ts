import { XsiBadAnswer } from '../xsi/errors.js';
import { child, children, textOf, typeOf, type XmlElement } from '../xsi/xml.js';

/** An `Event` of the stream: who it is for, and what it is about. */
export interface SwitchEvent {
  /** Without prefix, such as `CallAnsweredEvent`. */
  type: string;
  eventId: string;
  sequence: number | undefined;
  subscriptionId: string | undefined;
  channelId: string | undefined;
  /** The user that the subscription is about, as the switch writes it. */
  target: string | undefined;
  reason: string | undefined;
  /** The `call` elements. */
  calls: XmlElement[];
}

/** @throws XsiBadAnswer: it has no type, no id, or a number that is none */
export function switchEvent(root: XmlElement): SwitchEvent {
  const data = child(root, 'eventData');
  const type = (data && typeOf(data)) ?? typeOf(root);
  const eventId = textOf(root, 'eventID');
  if (!type) throw new XsiBadAnswer('An event without type.');
  if (!eventId && type !== 'ChannelTerminatedEvent') throw new XsiBadAnswer(`A ${type} without eventID.`);
  return {
    type,
    eventId: eventId ?? '',
    sequence: sequenceOf(root),
    subscriptionId: textOf(root, 'subscriptionId'),
    channelId: textOf(root, 'channelId'),
    target: textOf(root, 'targetId') ?? textOf(root, 'userId'),
    reason: (data && textOf(data, 'reason')) ?? textOf(root, 'reason'),
    calls: data ? callsIn(data) : [],
  };
}

/** Single, or in a list of them. */
function callsIn(data: XmlElement): XmlElement[] {
  return [data, ...children(data, 'calls')].flatMap((each) => children(each, 'call'));
}

function sequenceOf(root: XmlElement): number | undefined {
  const text = textOf(root, 'sequenceNumber');
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new XsiBadAnswer('A sequenceNumber that is no number.');
  return Number(text);
}
