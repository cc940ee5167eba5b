import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CallJournal } from './application/call-journal.js';
import { DialNumber } from './application/dial-number.js';
import { FindDestination } from './application/find-destination.js';
import { GetCall } from './application/get-call.js';
import { HoldCall } from './application/hold-call.js';
import { ListCalls } from './application/list-calls.js';
import { ReconnectCall } from './application/reconnect-call.js';
import { ReleaseCall } from './application/release-call.js';
import { StartCalls } from './application/start-calls.js';
import { CallsController } from './http/calls.controller.js';

/** Calls of users over REST. Its engine and its store are given by the composition (`app.module.ts`). */
@Module({
  imports: [AuthModule],
  controllers: [CallsController],
  providers: [
    CallJournal,
    DialNumber,
    FindDestination,
    GetCall,
    HoldCall,
    ListCalls,
    ReconnectCall,
    ReleaseCall,
    StartCalls,
  ],
})
export class CallsModule {}
