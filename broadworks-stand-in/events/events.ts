import { noSuchUser, notFound, Refused, wrongMethod } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { type Answer, type Asked, DONE, must, STAYS_OPEN } from '../http.ts';
import type { World } from '../world.ts';
import { leaf, plainDocument, textIn } from '../xml.ts';
import type { Channels } from './channels.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

/** Facts: Xsi-Events. The path begins after `v2.0`. */
export class Events {
  private readonly world: World;
  private readonly channels: Channels;
  private readonly subscriptions: Subscriptions;
  private readonly faults: Faults;

  constructor(parts: { world: World; channels: Channels; subscriptions: Subscriptions; faults: Faults }) {
    this.world = parts.world;
    this.channels = parts.channels;
    this.subscriptions = parts.subscriptions;
    this.faults = parts.faults;
  }

  /** @param isAsync asked for under `com.broadsoft.async`. @throws Refused */
  answer([room, ...rest]: string[], isAsync: boolean, asked: Asked): Answer | typeof STAYS_OPEN {
    switch (room) {
      case 'channel':
        return this.onChannel(rest, isAsync, asked);
      case 'user':
        return this.onUser(rest, asked);
      case 'subscription':
        return this.onSubscription(rest, asked);
      default:
        throw notFound();
    }
  }

  private onChannel(path: string[], isAsync: boolean, asked: Asked): Answer | typeof STAYS_OPEN {
    const [id, verb, ...more] = path;
    if (more.length > 0) throw notFound();
    // Facts: Xsi-Events, "Channel: `POST /com.broadsoft.async/…". Assumption: the stream is opened there alone.
    if (id === undefined) {
      if (!isAsync) throw notFound();
      must(asked, 'POST');
      const expires = Number(textIn(asked.body, 'expires') ?? 0);
      this.channels.open(needed(asked, 'channelSetId'), expires, asked.response);
      return STAYS_OPEN;
    }
    if (id === 'eventresponse' && verb === undefined) {
      must(asked, 'POST');
      this.channels.acknowledge(needed(asked, 'eventID'));
      return DONE;
    }
    if (verb === undefined) {
      must(asked, 'DELETE');
      this.channels.delete(id);
      return DONE;
    }
    if (verb !== 'heartbeat') throw notFound();
    must(asked, 'PUT');
    // Facts: Xsi-Events, "heartbeats 404 and 503".
    if (this.faults.strikes('heartbeat404')) throw new Refused(404, '110021', 'The channel is not found.');
    if (this.faults.strikes('heartbeat503')) throw new Refused(503, '110024', 'Out of service for now.');
    this.channels.heartbeat(id);
    return DONE;
  }

  private onUser([userId, ...rest]: string[], asked: Asked): Answer {
    const user = this.world.user(userId ?? '');
    if (!user) throw noSuchUser();
    if (rest[0] === 'subscription') return this.onSubscription(rest.slice(1), asked);
    if (rest.length > 0) throw notFound();
    const expires = Number(textIn(asked.body, 'expires') ?? 0);
    const channelSetId = needed(asked, 'channelSetId');
    if (asked.method === 'PUT') {
      return subscribed(this.subscriptions.refreshOf(user, channelSetId, expires));
    }
    must(asked, 'POST');
    // Assumption: the stand-in has no other event package.
    if (needed(asked, 'event') !== 'Advanced Call') {
      throw new Refused(400, '110025', 'The event package is not known.');
    }
    const applicationId = textIn(asked.body, 'applicationId') ?? '';
    return subscribed(this.subscriptions.subscribe(user, { channelSetId, applicationId, expires }));
  }

  /** Assumption: the path of a subscription, for "refresh with PUT at half life". */
  private onSubscription([id, ...more]: string[], asked: Asked): Answer {
    if (id === undefined || more.length > 0) throw notFound();
    switch (asked.method) {
      case 'GET':
        return subscribed(this.subscriptions.find(id));
      case 'PUT':
        return subscribed(this.subscriptions.refresh(id, Number(textIn(asked.body, 'expires') ?? 0)));
      case 'DELETE':
        this.subscriptions.unsubscribe(id);
        return DONE;
      default:
        throw wrongMethod();
    }
  }
}

function subscribed({ id, expiresSeconds }: Subscription): Answer {
  const content = leaf('', 'subscriptionId', id) + leaf('', 'expires', expiresSeconds);
  return { status: 200, body: plainDocument('Subscription', content) };
}

function needed({ body }: Asked, name: string): string {
  const value = textIn(body, name);
  if (!value) throw new Refused(400, '110026', `${name} is missing.`);
  return value;
}
