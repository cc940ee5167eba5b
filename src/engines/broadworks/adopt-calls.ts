import { Logger } from '@nestjs/common';
import { aboutCall } from '../../calls/application/call-context.js';
import type { StepRecorder } from '../../calls/application/call-engine.js';
import type { Call } from '../../calls/domain/call.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import type { Directory } from '../../directory/application/directory.js';
import { sameUser } from '../../directory/domain/user.js';
import type { Accounts, OnSwitch } from './accounts.js';
import { factsToward, type Sight } from './facts-toward.js';
import { remotePartyOf } from './remote-party-of.js';
import type { SeenCall } from './xsi/seen-call.js';

/** Makes stored calls what the switch says they are, whoever has begun them. */
export class AdoptCalls {
  private readonly logger = new Logger(AdoptCalls.name);

  constructor(
    private readonly recorder: StepRecorder,
    private readonly accounts: Accounts,
    private readonly directory: Directory,
  ) {}

  /**
   * Resolves when what has happened is stored. @param stored the call as it is stored now @returns whether anything has
   */
  async see(owner: OnSwitch, seen: SeenCall, stored: Call | undefined): Promise<boolean> {
    if (stored && !sameUser(stored.owner, owner.user.ref)) {
      this.logger.error(
        `Call ${seen.callId} of cluster ${owner.account.cluster} has the id of another user's call`,
      );
      return false;
    }
    const facts = factsToward(stored, seen, this.sightOf(owner, seen));
    await this.record(stored?.externalTrackingId ?? seen.externalTrackingId, facts);
    return facts.length > 0;
  }

  /** The switch does not know the call any more, and has not said why. */
  async end({ callId, externalTrackingId }: Call): Promise<void> {
    const at = Date.now();
    await this.record(externalTrackingId, [{ kind: 'released', callId, at, cause: 'normal', by: 'system' }]);
  }

  /** One after the other: each is for the call that the one before has left. */
  private async record(sessionId: string, facts: CallFact[]): Promise<void> {
    for (const fact of facts) {
      await aboutCall({ callId: fact.callId, externalTrackingId: sessionId }, () =>
        this.recorder.record({ sessionId, facts: [fact] }),
      );
      if (fact.kind === 'transferred') sessionId = fact.externalTrackingId ?? sessionId;
    }
  }

  private sightOf(owner: OnSwitch, seen: SeenCall): Sight {
    const { user, account } = owner;
    return {
      owner: user,
      remoteParty: remotePartyOf(seen, owner, this.accounts, this.directory),
      endpoint: { addressOfRecord: user.devices[0]?.addressOfRecord ?? account.userId },
      now: Date.now(),
    };
  }
}
