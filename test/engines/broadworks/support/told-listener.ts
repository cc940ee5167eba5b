import type { ChannelListener } from '../../../../src/engines/broadworks/events/channel-listener.js';
import type { SeenCall } from '../../../../src/engines/broadworks/xsi/seen-call.js';
import { eventually } from '../../../support/wait.js';

/** Keeps what a channel tells, one line for each. */
export class ToldListener implements ChannelListener {
  readonly told: string[] = [];
  private asking: Promise<void> = Promise.resolve();

  event(user: string, type: string, call?: SeenCall, reason?: string): void {
    this.told.push(['event', user, type, call?.callId, call?.state, reason].filter(Boolean).join(' '));
  }

  snapshot(user: string, calls: SeenCall[]): void {
    this.told.push(['snapshot', user, ...calls.map(({ callId }) => callId)].join(' '));
  }

  doubt(user: string): Promise<void> {
    this.told.push(`doubt ${user}`);
    return this.asking;
  }

  doubtAll(): Promise<void> {
    this.told.push('doubtAll');
    return this.asking;
  }

  /** From now on the switch takes its time to be asked. @returns to be called when it has been */
  holdsUp(): () => void {
    let over!: () => void;
    this.asking = new Promise((resolve) => (over = resolve));
    return over;
  }

  inStep(yes: boolean): void {
    this.told.push(yes ? 'in step' : 'out of step');
  }

  /** Lines told from now on. */
  from(): () => string[] {
    const first = this.told.length;
    return () => this.told.slice(first);
  }

  /** Resolves when so many lines with this text have been told. */
  async hears(line: string, times = 1): Promise<void> {
    await eventually(
      () => this.count(line) >= times || undefined,
      () => `${line} not told ${times} times: ${this.told.join(', ')}`,
      5,
    );
  }

  count(line: string): number {
    return this.told.filter((each) => each === line).length;
  }
}
