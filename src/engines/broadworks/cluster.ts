import { ChannelHolder } from './events/channel-holder.js';
import type { ChannelLeases } from './events/channel-leases.js';
import type { ChannelListener } from './events/channel-listener.js';
import { XsiActions } from './xsi/actions.js';
import { type ClusterSettings, XsiClient } from './xsi/xsi-client.js';

/** One switch: how it is asked, and what it tells unasked. */
export class Cluster {
  readonly id: string;
  readonly actions: XsiActions;
  readonly channel: ChannelHolder;
  private readonly client: XsiClient;

  constructor(settings: ClusterSettings, leases: ChannelLeases, listener: ChannelListener) {
    this.id = settings.id;
    this.client = new XsiClient(settings);
    this.actions = new XsiActions(this.client);
    this.channel = new ChannelHolder(this.client, leases, listener, { cluster: settings.id });
  }

  async stop(): Promise<void> {
    await this.channel.stop();
    await this.client.close();
  }
}
