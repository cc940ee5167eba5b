import { Global, Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { FindDestination } from '../calls/application/find-destination.js';
import { CONFIG, type Config } from '../config/config.js';
import { AnchorCalls } from './application/anchor-calls.js';
import { ClaimImrn } from './application/claim-imrn.js';
import { ImrnRepository } from './application/imrn-repository.js';
import { LeaseImrn } from './application/lease-imrn.js';
import { PoolImrnAllocation } from './application/pool-imrn-allocation.js';
import { ImrnController } from './http/imrn.controller.js';

/**
 * Numbers that anchor mobile calls: leased over REST, claimed by the engine. The store is given by the composition, and
 * where the numbers come from (`ImrnAllocation`) by the module of the engine: an own pool, or the switch.
 */
@Global()
@Module({
  imports: [AuthModule],
  controllers: [ImrnController],
  providers: [
    FindDestination,
    LeaseImrn,
    {
      provide: PoolImrnAllocation,
      inject: [ImrnRepository, CONFIG],
      useFactory: (leases: ImrnRepository, { imrnTtl }: Config) => new PoolImrnAllocation(leases, imrnTtl),
    },
    { provide: AnchorCalls, useClass: ClaimImrn },
  ],
  exports: [AnchorCalls, PoolImrnAllocation],
})
export class ImrnModule {}
