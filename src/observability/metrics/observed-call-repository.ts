import { type CallChange, CallRepository } from '../../calls/application/call-repository.js';
import type { UserRef } from '../../directory/domain/user.js';
import type { CallMetrics } from './call-metrics.js';

/** Tells the metrics what has been stored of calls. */
export class ObservedCallRepository extends CallRepository {
  constructor(
    private readonly repository: CallRepository,
    private readonly metrics: CallMetrics,
  ) {
    super();
  }

  override async save(change: CallChange) {
    await this.repository.save(change);
    this.metrics.stored(change);
  }

  override async loadOngoing() {
    const found = await this.repository.loadOngoing();
    this.metrics.found(found.calls);
    return found;
  }

  override find(callId: string) {
    return this.repository.find(callId);
  }

  override listOngoing(owner: UserRef) {
    return this.repository.listOngoing(owner);
  }

  override findSession(sessionId: string) {
    return this.repository.findSession(sessionId);
  }

  override eventsOf(callId: string) {
    return this.repository.eventsOf(callId);
  }
}
