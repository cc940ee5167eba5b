import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CallRepository } from '../calls/application/call-repository.js';
import { StoreHealth } from '../calls/application/store-health.js';
import { ChannelLeases } from '../engines/broadworks/events/channel-leases.js';
import { RegistrationStore } from '../engines/sip/phones/registration-store.js';
import { ImrnRepository } from '../imrn/application/imrn-repository.js';
import { PostgresCallRepository } from './postgres/postgres-call-repository.js';
import { PostgresChannelLeases } from './postgres/postgres-channel-leases.js';
import { PostgresImrnRepository } from './postgres/postgres-imrn-repository.js';
import { PostgresRegistrationStore } from './postgres/postgres-registration-store.js';
import { PostgresStoreHealth } from './postgres/postgres-store-health.js';
import { PostgresStore } from './postgres/postgres-store.js';
import { SqliteCallRepository } from './sqlite/sqlite-call-repository.js';
import { SqliteChannelLeases } from './sqlite/sqlite-channel-leases.js';
import { SqliteImrnRepository } from './sqlite/sqlite-imrn-repository.js';
import { SqliteRegistrationStore } from './sqlite/sqlite-registration-store.js';
import { SqliteStoreHealth } from './sqlite/sqlite-store-health.js';
import { SqliteStore } from './sqlite/sqlite-store.js';

type Store = SqliteStore | PostgresStore;
const STORE = Symbol('store');

/** Puts a watcher around a port: what it returns is used in the place of the port. */
export type Around = <T extends object>(port: T, name: string) => T;

/** PostgreSQL where there is an address of one, else the embedded store in the data folder. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(STORE) private readonly store: Store) {}

  static forRoot(options: {
    databaseUrl?: string | undefined;
    dataDir: string;
    around?: Around | undefined;
  }): DynamicModule {
    const { databaseUrl, dataDir, around = (unwatched) => unwatched } = options;
    const port = <T extends object>(
      token: abstract new () => T,
      name: string,
      Embedded: new (store: SqliteStore) => T,
      Postgres: new (store: PostgresStore) => T,
    ): FactoryProvider => ({
      provide: token,
      inject: [STORE],
      useFactory: (store: Store) =>
        around<T>(store instanceof PostgresStore ? new Postgres(store) : new Embedded(store), name),
    });
    return {
      module: PersistenceModule,
      global: true,
      providers: [
        {
          provide: STORE,
          useFactory: () => (databaseUrl ? PostgresStore.open(databaseUrl) : SqliteStore.open(dataDir)),
        },
        port(CallRepository, 'calls', SqliteCallRepository, PostgresCallRepository),
        port(ImrnRepository, 'imrn', SqliteImrnRepository, PostgresImrnRepository),
        port(RegistrationStore, 'registrations', SqliteRegistrationStore, PostgresRegistrationStore),
        port(ChannelLeases, 'channels', SqliteChannelLeases, PostgresChannelLeases),
        {
          provide: StoreHealth,
          inject: [STORE],
          useFactory: (store: Store) =>
            store instanceof PostgresStore ? new PostgresStoreHealth(store) : new SqliteStoreHealth(store),
        },
      ],
      exports: [CallRepository, ImrnRepository, RegistrationStore, ChannelLeases, StoreHealth],
    };
  }

  /** After the engine has stopped: its last steps are written. */
  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
