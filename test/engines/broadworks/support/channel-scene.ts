import type { ChannelTiming } from '../../../../src/engines/broadworks/events/channel-timing.js';
import { EventChannel } from '../../../../src/engines/broadworks/events/event-channel.js';
import { PlayedSwitch } from './played-switch.js';
import { ToldListener } from './told-listener.js';

/** Short, so that tests are quick; a test that is about one of them says another. */
export const QUICK: Partial<ChannelTiming> = {
  openTimeoutMs: 500,
  snapshotWaitMs: 200,
  firstPauseMs: 20,
  longestPauseMs: 100,
  settledMs: 200,
  refusedPauseMs: 200,
};

/** A channel to a played switch. */
export class ChannelScene {
  readonly listener = new ToldListener();
  readonly channel: EventChannel;
  /** Whether the channel is still ours. */
  mayAct = true;

  constructor(
    readonly played: PlayedSwitch,
    users: string[] = ['foouser', 'baruser'],
    timing: Partial<ChannelTiming> = {},
  ) {
    this.channel = new EventChannel(played.client(), this.listener, {
      cluster: 'east',
      channelSetId: 'call-service-east',
      mayAct: () => this.mayAct,
      timing: { ...QUICK, ...timing },
    });
    this.channel.setUsers(users);
  }

  /** Resolves when the channel is in step. */
  async start(): Promise<this> {
    this.channel.start();
    await this.listener.hears('in step');
    return this;
  }

  hears(line: string, times?: number): Promise<void> {
    return this.listener.hears(line, times);
  }

  async close(): Promise<void> {
    this.channel.stop();
    await this.played.close();
  }
}
