import type { DeviceLoss } from './device-loss.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { isDialogGone } from './media-changes.js';
import type { Party } from './session.js';
import type { Sessions } from './sessions.js';

const TICK_MS = 1000;
/** After a refresh that neither succeeded nor told that the dialog is gone. */
const RETRY_MS = 30_000;

/** Session timers (RFC 4028): refreshes the legs that are ours to refresh, ends those whose phone has gone silent. */
export class SessionWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: Sessions,
    private readonly legs: Legs,
    private readonly hangUp: HangUp,
    private readonly deviceLoss: DeviceLoss,
  ) {}

  start(): void {
    this.tick(Date.now());
    this.timer = setInterval(() => this.tick(Date.now()), TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(now: number): void {
    for (const live of this.sessions.all()) {
      if (!live.state.established || live.over) continue;
      for (const party of live.parties) {
        const timer = party.leg?.timer;
        if (!timer) continue;
        if (timer.expiresAt <= now) this.hangUp.endSoon(live, { cause: 'sessionExpired' });
        else if (timer.refreshAt !== undefined && timer.refreshAt <= now && !live.changing) {
          void this.refresh(live, party).catch(() => undefined);
        }
      }
    }
  }

  private async refresh(live: LiveSession, party: Party): Promise<void> {
    const { leg } = party;
    if (!leg?.timer) return;
    delete leg.timer.refreshAt;
    await live.exclusively('refresh', async () => {
      const answered = await this.legs.reinvite(leg, leg.sdp.local, () => !live.over);
      if ('ack' in answered) return answered.ack();
      if (isDialogGone(answered)) return this.deviceLoss.lost(live, party);
      leg.timer = { expiresAt: Number.MAX_SAFE_INTEGER, ...leg.timer, refreshAt: Date.now() + RETRY_MS };
    });
  }
}
