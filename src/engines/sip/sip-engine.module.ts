import { type DynamicModule, Module } from '@nestjs/common';
import { CallEngine } from '../../calls/application/call-engine.js';
import { FindDestination } from '../../calls/application/find-destination.js';
import { Directory } from '../../directory/application/directory.js';
import { DirectoryModule } from '../../directory/directory.module.js';
import { RegistrationStore } from './registration-store.js';
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
          inject: [Directory, FindDestination, RegistrationStore],
          useFactory: (
            directory: Directory,
            destinations: FindDestination,
            registrations: RegistrationStore,
          ) => new SipEngine(settings, directory, destinations, registrations),
        },
      ],
      exports: [CallEngine],
    };
  }
}
