import { Global, Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Admission } from '../calls/application/admission.js';
import { FindDestination } from '../calls/application/find-destination.js';
import { CONFIG, type Config } from '../config/config.js';
import { Directory } from '../directory/application/directory.js';
import { AnchorCalls } from './application/anchor-calls.js';
import { ClaimImrn } from './application/claim-imrn.js';
import { ImrnRepository } from './application/imrn-repository.js';
import { LeaseImrn } from './application/lease-imrn.js';
import { ImrnController } from './http/imrn.controller.js';

/** Numbers that anchor mobile calls: leased over REST, claimed by the engine. The store is given by the composition. */
@Global()
@Module({
  imports: [AuthModule],
  controllers: [ImrnController],
  providers: [
    FindDestination,
    {
      provide: LeaseImrn,
      inject: [Directory, FindDestination, ImrnRepository, CONFIG, Admission],
      useFactory: (
        directory: Directory,
        destinations: FindDestination,
        leases: ImrnRepository,
        { imrnTtl }: Config,
        admission: Admission,
      ) => new LeaseImrn(directory, destinations, leases, imrnTtl, admission),
    },
    { provide: AnchorCalls, useClass: ClaimImrn },
  ],
  exports: [AnchorCalls],
})
export class ImrnModule {}
