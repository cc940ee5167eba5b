import { randomBytes } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { CallsModule } from './calls/calls.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { SipEngineModule } from './engines/sip/sip-engine.module.js';
import { PersistenceModule } from './persistence/persistence.module.js';
import type { Target } from './sip/stack.js';

/** The composition root: which store and which engine. */
@Module({})
export class AppModule {
  /** @param virtualTrunk where numbers outside the directory go when no real trunk is configured */
  static with(config: Config, virtualTrunk?: Target): DynamicModule {
    const trunk = config.sipTrunk ?? virtualTrunk;
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        PersistenceModule.forRoot({ databaseUrl: config.databaseUrl, dataDir: config.dataDir }),
        SipEngineModule.with({
          host: config.sipBind,
          port: config.sipPort,
          ringTimeoutMs: config.ringTimeout,
          commandTimeoutMs: config.sipCommandTimeout,
          sessionExpiresSeconds: Math.floor(config.sessionExpires / 1000),
          digestAlgorithms: config.sipDigestAlgorithms,
          nonceSecret: randomBytes(32).toString('hex'),
          ...(trunk && { trunk }),
        }),
        CallsModule,
      ],
    };
  }
}
