import {
  type CallChange,
  CallRepository,
  StoreUnavailable,
} from '../../src/calls/application/call-repository.js';
import { StoreHealth } from '../../src/calls/application/store-health.js';
import type { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';

/** The embedded store, which a test takes away and gives back. */
export class StoreWithOutages extends CallRepository {
  away = false;
  /** The next so many changes are written, but nobody hears of it. */
  answersLost = 0;
  /** How often somebody wanted to save. */
  asked = 0;

  constructor(private readonly store: SqliteCallRepository) {
    super();
  }

  override async save(change: CallChange): Promise<void> {
    this.asked++;
    this.mustBeThere();
    await this.store.save(change);
    if (this.answersLost === 0) return;
    this.answersLost--;
    throw new StoreUnavailable('the connection is lost', true);
  }

  override find = (callId: string) => this.read(() => this.store.find(callId));
  override listOngoing: SqliteCallRepository['listOngoing'] = (owner) =>
    this.read(() => this.store.listOngoing(owner));
  override loadOngoing = () => this.read(() => this.store.loadOngoing());
  override findSession = (sessionId: string) => this.read(() => this.store.findSession(sessionId));
  override eventsOf = (callId: string) => this.read(() => this.store.eventsOf(callId));

  get health(): StoreHealth {
    const check = async () => this.mustBeThere();
    return new (class extends StoreHealth {
      override check = check;
    })();
  }

  private async read<T>(what: () => Promise<T>): Promise<T> {
    this.mustBeThere();
    return what();
  }

  private mustBeThere(): void {
    if (this.away) throw new StoreUnavailable('the store is away');
  }
}
