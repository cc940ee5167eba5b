import { BROADSOFT, documentOf, leaf, plainDocument, SCHEMA_INSTANCE } from '../xml.ts';

/** Facts: Xsi-Events, "`ChannelTerminatedEvent.reason`". */
export type ChannelEnd = 'DuplicateChannelSet' | 'NonResponsiveChannel' | 'ExplicitDelete' | 'Expired';

/** Facts: Xsi-Events, "the prefix `xsi` is BroadSoft's own and `xsi1` the schema-instance one". */
export const PREFIX = 'xsi:';
export const INSTANCE = 'xsi1';

/** Facts: Xsi-Events, "Event: `Event{eventID, sequenceNumber, userId…". */
export function subscriptionEvent(event: {
  eventId: string;
  sequenceNumber: number;
  userId: string;
  applicationId: string;
  subscriptionId: string;
  channelId: string;
  type: string;
  data: string;
}): string {
  return eventDocument(
    'SubscriptionEvent',
    leaf(PREFIX, 'eventID', event.eventId) +
      leaf(PREFIX, 'sequenceNumber', event.sequenceNumber) +
      leaf(PREFIX, 'userId', event.userId) +
      leaf(PREFIX, 'externalApplicationId', event.applicationId) +
      leaf(PREFIX, 'subscriptionId', event.subscriptionId) +
      leaf(PREFIX, 'channelId', event.channelId) +
      leaf(PREFIX, 'targetId', event.userId) +
      `<${PREFIX}eventData ${INSTANCE}:type="${PREFIX}${event.type}">${event.data}</${PREFIX}eventData>`,
  );
}

/** Assumption: it is an Event of its own type, without data and without a number in a sequence. */
export function channelTerminated(eventId: string, channelId: string, reason: ChannelEnd): string {
  return eventDocument(
    'ChannelTerminatedEvent',
    leaf(PREFIX, 'eventID', eventId) + leaf(PREFIX, 'channelId', channelId) + leaf(PREFIX, 'reason', reason),
  );
}

/** Facts: Xsi-Events, "the chunked answer starts with `Channel{channelId, expires}`". */
export function channelOpened(channelId: string, expires: number): string {
  return plainDocument('Channel', leaf('', 'channelId', channelId) + leaf('', 'expires', expires));
}

/** Facts: Xsi-Events, "the stream carries `ChannelHeartBeat`". */
export function heartBeat(): string {
  return documentOf(`<ChannelHeartBeat xmlns="${BROADSOFT}"/>`);
}

function eventDocument(type: string, content: string): string {
  return documentOf(
    `<${PREFIX}Event xmlns:xsi="${BROADSOFT}" xmlns:${INSTANCE}="${SCHEMA_INSTANCE}" ${INSTANCE}:type="${PREFIX}${type}">${content}</${PREFIX}Event>`,
  );
}
