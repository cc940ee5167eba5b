import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CallRepository } from '../calls/application/call-repository.js';
import { RegistrationStore } from '../engines/sip/registration-store.js';
import { PostgresCallRepository } from './postgres/postgres-call-repository.js';
import { PostgresRegistrationStore } from './postgres/postgres-registration-store.js';
import { PostgresStore } from './postgres/postgres-store.js';
import { SqliteCallRepository } from './sqlite/sqlite-call-repository.js';
import { SqliteRegistrationStore } from './sqlite/sqlite-registration-store.js';
import { SqliteStore } from './sqlite/sqlite-store.js';

type Store = SqliteStore | PostgresStore;
const STORE = Symbol('store');

/** PostgreSQL where there is an address of one, else the embedded store in the data folder. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(STORE) private readonly store: Store) {}

  static forRoot(options: { databaseUrl?: string | undefined; dataDir: string }): DynamicModule {
    const { databaseUrl, dataDir } = options;
    return {
      module: PersistenceModule,
      global: true,
      providers: [
        {
          provide: STORE,
          useFactory: () => (databaseUrl ? PostgresStore.open(databaseUrl) : SqliteStore.open(dataDir)),
        },
        {
          provide: CallRepository,
          inject: [STORE],
          useFactory: (store: Store) =>
            store instanceof PostgresStore
              ? new PostgresCallRepository(store)
              : new SqliteCallRepository(store),
        },
        {
          provide: RegistrationStore,
          inject: [STORE],
          useFactory: (store: Store) =>
            store instanceof PostgresStore
              ? new PostgresRegistrationStore(store)
              : new SqliteRegistrationStore(store),
        },
      ],
      exports: [CallRepository, RegistrationStore],
    };
  }

  /** After the engine has stopped: its last steps are written. */
  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
