import { ChannelHolder } from './events/channel-holder.js';
import type { ChannelLeases } from './events/channel-leases.js';
import type { ChannelListener } from './events/channel-listener.js';
import { XsiActions } from './xsi/actions.js';
import { type ClusterSettings, XsiClient, type XsiCounts } from './xsi/xsi-client.js';

/** What a channel asks at the same time: subscriptions, acknowledgements, its heartbeat. */
const CHANNEL_REQUESTS = 32;

/** What is counted of a cluster; only read by others. */
export interface ClusterFigures {
  /** Id of the cluster. */
  cluster: string;
  requests: { actions: XsiCounts; events: XsiCounts };
  /** Events of calls that were told by the channel of this process. */
  events: number;
  /** Whether this process is the one that holds the event channel. */
  holds: boolean;
}

/**
 * One switch: how it is asked, and what it tells unasked. Each has connections of its own, so that neither a burst of
 * commands nor one of events shuts the other out.
 */
export class Cluster {
  readonly id: string;
  readonly actions: XsiActions;
  readonly channel: ChannelHolder;
  private readonly clients: { actions: XsiClient; events: XsiClient };

  constructor(settings: ClusterSettings, leases: ChannelLeases, listener: ChannelListener) {
    this.id = settings.id;
    const events = new XsiClient({ ...settings, maxConcurrent: CHANNEL_REQUESTS });
    this.clients = { actions: new XsiClient(settings), events };
    this.actions = new XsiActions(this.clients.actions);
    this.channel = new ChannelHolder(events, leases, listener, { cluster: settings.id });
  }

  get figures(): ClusterFigures {
    const { channel, clients, id } = this;
    return {
      cluster: id,
      requests: { actions: clients.actions.counts, events: clients.events.counts },
      events: channel.events,
      holds: channel.holds,
    };
  }

  async stop(): Promise<void> {
    await this.channel.stop();
    await Promise.all(Object.values(this.clients).map((client) => client.close()));
  }
}
