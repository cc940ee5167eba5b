import { Global, Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Admission } from './application/admission.js';
import { BlindTransferCall } from './application/blind-transfer-call.js';
import { CallJournal } from './application/call-journal.js';
import { CommandCall } from './application/command-call.js';
import { ConsultativeTransfer } from './application/consultative-transfer.js';
import { DialNumber } from './application/dial-number.js';
import { DrainCalls } from './application/drain-calls.js';
import { FindDestination } from './application/find-destination.js';
import { GetCall } from './application/get-call.js';
import { HoldCall } from './application/hold-call.js';
import { ListCalls } from './application/list-calls.js';
import { ReconnectCall } from './application/reconnect-call.js';
import { RecordCall } from './application/record-call.js';
import { ReleaseCall } from './application/release-call.js';
import { RetrieveCall } from './application/retrieve-call.js';
import { StartCalls } from './application/start-calls.js';
import { CallsController } from './http/calls.controller.js';

/** Calls of users over REST. Its engine and its store are given by the composition (`app.module.ts`). */
@Global()
@Module({
  imports: [AuthModule],
  controllers: [CallsController],
  providers: [
    Admission,
    BlindTransferCall,
    CallJournal,
    CommandCall,
    ConsultativeTransfer,
    DialNumber,
    DrainCalls,
    FindDestination,
    GetCall,
    HoldCall,
    ListCalls,
    ReconnectCall,
    RecordCall,
    ReleaseCall,
    RetrieveCall,
    StartCalls,
  ],
  exports: [Admission, CallJournal],
})
export class CallsModule {}
