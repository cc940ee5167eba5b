import { ChannelHolder } from './events/channel-holder.js';
import type { ChannelLeases } from './events/channel-leases.js';
import type { ChannelListener } from './events/channel-listener.js';
import { XsiActions } from './xsi/actions.js';
import { type ClusterSettings, XsiClient } from './xsi/xsi-client.js';

/** What a channel asks at the same time: subscriptions, acknowledgements, its heartbeat. */
const CHANNEL_REQUESTS = 32;

/**
 * One switch: how it is asked, and what it tells unasked. Each has connections of its own, so that neither a burst of
 * commands nor one of events shuts the other out.
 */
export class Cluster {
  readonly id: string;
  readonly actions: XsiActions;
  readonly channel: ChannelHolder;
  private readonly clients: XsiClient[];

  constructor(settings: ClusterSettings, leases: ChannelLeases, listener: ChannelListener) {
    this.id = settings.id;
    const forCommands = new XsiClient(settings);
    const forEvents = new XsiClient({ ...settings, maxConcurrent: CHANNEL_REQUESTS });
    this.clients = [forCommands, forEvents];
    this.actions = new XsiActions(forCommands);
    this.channel = new ChannelHolder(forEvents, leases, listener, { cluster: settings.id });
  }

  async stop(): Promise<void> {
    await this.channel.stop();
    await Promise.all(this.clients.map((client) => client.close()));
  }
}
