import { type DynamicModule, Module } from '@nestjs/common';
import { Admission } from '../../calls/application/admission.js';
import { CallEngine } from '../../calls/application/call-engine.js';
import { FindDestination } from '../../calls/application/find-destination.js';
import { Directory } from '../../directory/application/directory.js';
import { DirectoryModule } from '../../directory/directory.module.js';
import { AnchorCalls } from '../../imrn/application/anchor-calls.js';
import { ImrnAllocation } from '../../imrn/application/imrn-allocation.js';
import { PoolImrnAllocation } from '../../imrn/application/pool-imrn-allocation.js';
import { Media } from '../../media/media.js';
import { RegistrationStore } from './phones/registration-store.js';
import { SipEngine } from './sip-engine.js';
import type { SipEngineSettings } from './sip-services.js';

@Module({})
export class SipEngineModule {
  static with(settings: SipEngineSettings): DynamicModule {
    return {
      module: SipEngineModule,
      global: true,
      imports: [DirectoryModule],
      providers: [
        FindDestination,
        {
          provide: CallEngine,
          inject: [Directory, FindDestination, RegistrationStore, Media, AnchorCalls, Admission],
          useFactory: (
            directory: Directory,
            destinations: FindDestination,
            registrations: RegistrationStore,
            media: Media,
            anchors: AnchorCalls,
            admission: Admission,
          ) => new SipEngine(settings, directory, destinations, registrations, media, anchors, admission),
        },
        { provide: ImrnAllocation, useExisting: PoolImrnAllocation },
      ],
      exports: [CallEngine, ImrnAllocation],
    };
  }
}
