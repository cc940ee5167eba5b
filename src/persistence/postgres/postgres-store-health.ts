import { StoreHealth } from '../../calls/application/store-health.js';
import type { PostgresStore } from './postgres-store.js';

export class PostgresStoreHealth extends StoreHealth {
  private underWay: Promise<void> | undefined;

  constructor(private readonly store: PostgresStore) {
    super();
  }

  /** Whoever asks while a check is under way shares it. */
  override check(): Promise<void> {
    this.underWay ??= this.store.check().finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }
}
