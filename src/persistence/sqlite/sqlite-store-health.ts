import { StoreHealth } from '../../calls/application/store-health.js';
import type { SqliteStore } from './sqlite-store.js';

export class SqliteStoreHealth extends StoreHealth {
  constructor(private readonly store: SqliteStore) {
    super();
  }

  override async check(): Promise<void> {
    this.store.check();
  }
}
