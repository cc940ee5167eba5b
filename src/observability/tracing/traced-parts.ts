import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Tracer } from '@opentelemetry/api';
import { BlindTransferCall } from '../../calls/application/blind-transfer-call.js';
import { CallEngine } from '../../calls/application/call-engine.js';
import { CallJournal } from '../../calls/application/call-journal.js';
import { CallRepository } from '../../calls/application/call-repository.js';
import { ConsultativeTransfer } from '../../calls/application/consultative-transfer.js';
import { DialNumber } from '../../calls/application/dial-number.js';
import { GetCall } from '../../calls/application/get-call.js';
import { HoldCall } from '../../calls/application/hold-call.js';
import { ListCalls } from '../../calls/application/list-calls.js';
import { ReconnectCall } from '../../calls/application/reconnect-call.js';
import { RecordCall } from '../../calls/application/record-call.js';
import { ReleaseCall } from '../../calls/application/release-call.js';
import { RetrieveCall } from '../../calls/application/retrieve-call.js';
import { AnchorCalls } from '../../imrn/application/anchor-calls.js';
import { ImrnRepository } from '../../imrn/application/imrn-repository.js';
import { ImrnAllocation } from '../../imrn/application/imrn-allocation.js';
import { LeaseImrn } from '../../imrn/application/lease-imrn.js';
import { type AsyncMethod, traceMethods } from './traced-methods.js';

type Part<T> = abstract new (...args: never[]) => T;
type Traced = (tracer: Tracer, app: NestFastifyApplication) => void;

const traced =
  <T extends object>(part: Part<T>, ...methods: AsyncMethod<T>[]): Traced =>
  (tracer, app) =>
    traceMethods(tracer, app.get<T>(part, { strict: false }), part.name, methods);

/** What becomes a span: use cases, the journal, and the ports of engine and store. */
const PARTS: Traced[] = [
  traced(DialNumber, 'dial'),
  traced(ListCalls, 'list'),
  traced(GetCall, 'get'),
  traced(HoldCall, 'hold'),
  traced(ReconnectCall, 'reconnect'),
  traced(BlindTransferCall, 'blindTransfer'),
  traced(ConsultativeTransfer, 'transfer'),
  traced(RecordCall, 'record'),
  traced(ReleaseCall, 'release'),
  traced(RetrieveCall, 'retrieve'),
  traced(LeaseImrn, 'lease'),
  traced(ImrnAllocation, 'allocate'),
  traced(AnchorCalls, 'claim'),
  traced(CallJournal, 'open', 'record'),
  traced(
    CallEngine,
    'dial',
    'hold',
    'reconnect',
    'release',
    'blindTransfer',
    'consultativeTransfer',
    'retrieve',
    'startRecording',
    'pauseRecording',
    'resumeRecording',
    'stopRecording',
    'catchUp',
  ),
  traced(CallRepository, 'save', 'find', 'listOngoing', 'findSession'),
  traced(ImrnRepository, 'listOf', 'find', 'take', 'use', 'forget'),
];

export function traceParts(tracer: Tracer, app: NestFastifyApplication): void {
  for (const trace of PARTS) trace(tracer, app);
}
