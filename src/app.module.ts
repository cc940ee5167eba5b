import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { CallsModule } from './calls/calls.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { BroadWorksEngine } from './engines/broadworks/broadworks-engine.js';
import { BroadWorksEngineModule } from './engines/broadworks/broadworks-engine.module.js';
import { SipEngine } from './engines/sip/sip-engine.js';
import { SipEngineModule } from './engines/sip/sip-engine.module.js';
import { ImrnModule } from './imrn/imrn.module.js';
import { MediaModule } from './media/media.module.js';
import { HealthModule } from './observability/health/health.module.js';
import { type EngineFigures, MetricsModule } from './observability/metrics/metrics.module.js';
import { ServiceMetrics } from './observability/metrics/service-metrics.js';
import { PersistenceModule } from './persistence/persistence.module.js';
import type { Target } from './sip/stack.js';

/** The composition root: which store and which engine. */
@Module({})
export class AppModule {
  /** @param virtualTrunk where numbers outside the directory go when no real trunk is configured */
  static with(config: Config, virtualTrunk?: Target): DynamicModule {
    const metrics = config.metrics === 'on' ? new ServiceMetrics() : undefined;
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        PersistenceModule.forRoot({
          databaseUrl: config.databaseUrl,
          dataDir: config.dataDir,
          ...(metrics && { around: (port, name) => metrics.around(port, name) }),
        }),
        ...(config.engine === 'broadworks' ? broadWorks(config) : sip(config, virtualTrunk)),
        CallsModule,
        ImrnModule,
        HealthModule,
        ...(metrics ? [MetricsModule.with(metrics, FIGURES)] : []),
      ],
    };
  }
}

function sip(config: Config, virtualTrunk?: Target): DynamicModule[] {
  const trunk = config.sipTrunk ?? virtualTrunk;
  return [
    MediaModule.with({
      kind: config.media,
      host: config.sipBind,
      ports: config.rtpPorts,
      rtpengine: config.rtpengine,
      rtpengineSpool: config.rtpengineSpool,
      learnSources: config.rtpengineLearnSources === 'on',
      recordingsDir: config.recordingsDir ?? join(config.dataDir, 'recordings'),
    }),
    SipEngineModule.with({
      host: config.sipBind,
      port: config.sipPort,
      ringTimeoutMs: config.ringTimeout,
      transferTimeoutMs: config.transferTimeout,
      retrieveTimeoutMs: config.retrieveTimeout,
      commandTimeoutMs: config.sipCommandTimeout,
      sessionExpiresSeconds: Math.floor(config.sessionExpires / 1000),
      digestAlgorithms: config.sipDigestAlgorithms,
      nonceSecret: randomBytes(32).toString('hex'),
      ...(trunk && { trunk }),
    }),
  ];
}

/** The audio is the switch's: nothing passes here. */
function broadWorks({ broadworksFile = '', sipCommandTimeout }: Config): DynamicModule[] {
  return [
    MediaModule.elsewhere(),
    BroadWorksEngineModule.with({ clustersFile: broadworksFile, commandTimeoutMs: sipCommandTimeout }),
  ];
}

const FIGURES: EngineFigures = {
  sip: (engine) => (engine instanceof SipEngine ? engine.figures : undefined),
  switches: (engine) => (engine instanceof BroadWorksEngine ? engine.figures : []),
};
