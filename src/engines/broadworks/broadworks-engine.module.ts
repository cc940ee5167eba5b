import { type DynamicModule, Module } from '@nestjs/common';
import { CallEngine } from '../../calls/application/call-engine.js';
import { CallRepository } from '../../calls/application/call-repository.js';
import { Directory } from '../../directory/application/directory.js';
import { DirectoryModule } from '../../directory/directory.module.js';
import { ImrnAllocation } from '../../imrn/application/imrn-allocation.js';
import { BroadWorksEngine } from './broadworks-engine.js';
import { BroadWorksImrnAllocation } from './broadworks-imrn.js';
import { readClusters } from './clusters/read-clusters.js';
import { ChannelLeases } from './events/channel-leases.js';

export interface BroadWorksSettings {
  /** YAML file of the clusters. */
  clustersFile: string;
  commandTimeoutMs: number;
}

/** The switch is a BroadWorks: it has the calls, and leases the numbers that anchor mobile ones. */
@Module({})
export class BroadWorksEngineModule {
  static with({ clustersFile, commandTimeoutMs }: BroadWorksSettings): DynamicModule {
    return {
      module: BroadWorksEngineModule,
      global: true,
      imports: [DirectoryModule],
      providers: [
        {
          provide: BroadWorksEngine,
          inject: [Directory, CallRepository, ChannelLeases],
          useFactory: (directory: Directory, repository: CallRepository, leases: ChannelLeases) => {
            const clusters = readClusters(clustersFile, directory.users());
            return new BroadWorksEngine({ clusters, commandTimeoutMs }, directory, repository, leases);
          },
        },
        { provide: CallEngine, useExisting: BroadWorksEngine },
        {
          provide: ImrnAllocation,
          inject: [BroadWorksEngine],
          useFactory: (engine: BroadWorksEngine) => new BroadWorksImrnAllocation(engine),
        },
      ],
      exports: [CallEngine, ImrnAllocation],
    };
  }
}
