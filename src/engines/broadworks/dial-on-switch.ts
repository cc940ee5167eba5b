import { Logger } from '@nestjs/common';
import { nameCall } from '../../calls/application/call-context.js';
import {
  type CallIds,
  type DialOrder,
  type EngineStep,
  remotePartyFor,
  type StepRecorder,
} from '../../calls/application/call-engine.js';
import { StoreUnavailable } from '../../calls/application/call-repository.js';
import type { RemoteParty } from '../../calls/domain/call.js';
import type { OnSwitch } from './accounts.js';
import type { AskSwitch } from './ask-switch.js';
import type { SyncCalls } from './sync-calls.js';
import { within } from './within.js';

/** How long the store is waited for, once the switch rings the device. Milliseconds. */
const STORED_WITHIN_MS = 2_000;

/** Click-to-dial: the switch is asked once, and gives the ids. */
export class DialOnSwitch {
  private readonly logger = new Logger(DialOnSwitch.name);

  constructor(
    private readonly switches: AskSwitch,
    private readonly recorder: StepRecorder,
    private readonly sync: SyncCalls,
  ) {}

  /** @throws EngineRefusal, StoreUnavailable */
  async dial(owner: OnSwitch, { caller, destination }: DialOrder): Promise<CallIds> {
    if (this.recorder.away) throw new StoreUnavailable('nobody is rung while the store is away');
    const { mayBeOld } = this.sync.of(owner);
    const ids = await this.switches.ask(owner, { refused: 'refused' }, (actions, userId) =>
      actions.dial(userId, destination.address),
    );
    nameCall(ids);
    await this.begun(
      owner,
      ids,
      remotePartyFor(caller.ref, destination.address, destination.user?.ref),
      mayBeOld,
    );
    return ids;
  }

  /**
   * Stores that the call has begun, whose ids a client is about to be told.
   * @param maybeOver its end may have been told before it was stored, and let be
   */
  async begun(owner: OnSwitch, ids: CallIds, remoteParty: RemoteParty, maybeOver: boolean): Promise<void> {
    const { user, account } = owner;
    const step: EngineStep = {
      sessionId: ids.externalTrackingId,
      facts: [
        {
          kind: 'dialed',
          ...ids,
          at: Date.now(),
          owner: user.ref,
          remoteParty,
          endpoint: { addressOfRecord: user.devices[0]?.addressOfRecord ?? account.userId },
          recordingMode: user.recordingMode,
        },
      ],
    };
    const calls = this.sync.of(owner);
    await this.inTime(
      calls.begin(ids.callId, () => this.recorder.record(step)),
      ids,
    );
    if (maybeOver || calls.mayBeOld) void calls.doubt();
  }

  /** The phone rings already: the call has begun, and is stored when the store takes it. */
  private async inTime(stored: Promise<void>, { callId }: CallIds): Promise<void> {
    try {
      await within(STORED_WITHIN_MS, stored);
    } catch (error) {
      this.logger.error(`${callId} rings and is not stored: ${String(error)}`);
    }
  }
}
