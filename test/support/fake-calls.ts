import { setTimeout as delay } from 'node:timers/promises';
import type { CallsFrom } from '../../src/calls/application/call-engine.js';
import type { Call } from '../../src/calls/domain/call.js';
import { CallRefused } from '../../src/calls/domain/call-refused.js';
import type { RecordingCommand } from '../../src/calls/domain/recording.js';
import { ACTIVE_CALL, RETRIEVED_CALL } from '../../src/calls/http/examples.js';
import type { User } from '../../src/directory/domain/user.js';
import { LEASED_IMRN } from '../../src/imrn/http/imrn.examples.js';

const { externalTrackingId: TRACKING_ID, startTime, answerTime } = ACTIVE_CALL;
export const CALL_ID = ACTIVE_CALL.callId;

/** All use cases on a map, for the tests of the HTTP layer. Keeps what it was asked to do. */
export class FakeCalls {
  readonly calls = new Map<string, Call>();
  readonly asked: string[] = [];
  /** Thrown by the next command or query. */
  failure?: Error;
  /** Where the calls come from. */
  from: CallsFrom = 'store';
  /** Milliseconds that a hold takes. */
  holdMs = 0;

  add(changes: Partial<Call> = {}): Call {
    const call: Call = { ...anActiveCall(), ...changes };
    this.calls.set(call.callId, call);
    return call;
  }

  async dial(user: User, phoneNumber: string): Promise<{ callId: string; externalTrackingId: string }> {
    this.ask(`dial ${user.ref.userId} ${phoneNumber}`);
    return { callId: CALL_ID, externalTrackingId: TRACKING_ID };
  }

  async list(user: User): Promise<{ calls: Call[]; from: CallsFrom }> {
    this.ask(`list ${user.ref.userId}`);
    return { calls: [...this.calls.values()], from: this.from };
  }

  async get(user: User, callId: string): Promise<{ call: Call; from: CallsFrom }> {
    this.ask(`get ${user.ref.userId} ${callId}`);
    const call = this.calls.get(callId);
    if (!call) throw new CallRefused('callNotFound');
    return { call, from: this.from };
  }

  async hold(user: User, callId: string): Promise<void> {
    if (this.holdMs > 0) await delay(this.holdMs);
    this.ask(`hold ${user.ref.userId} ${callId}`);
  }

  async reconnect(user: User, callId: string): Promise<void> {
    this.ask(`reconnect ${user.ref.userId} ${callId}`);
  }

  async blindTransfer(user: User, callId: string, phoneNumber: string): Promise<void> {
    this.ask(`blindTransfer ${user.ref.userId} ${callId} ${phoneNumber}`);
  }

  async transfer(user: User, callId: string, consultedId: string): Promise<void> {
    this.ask(`consultativeTransfer ${user.ref.userId} ${callId} ${consultedId}`);
  }

  async record(user: User, callId: string, command: RecordingCommand): Promise<void> {
    this.ask(`${command} ${user.ref.userId} ${callId}`);
  }

  async retrieve(user: User): Promise<{ callId: string; externalTrackingId: string }> {
    this.ask(`retrieve ${user.ref.userId}`);
    return RETRIEVED_CALL;
  }

  async release(user: User, callId: string): Promise<void> {
    this.ask(`release ${user.ref.userId} ${callId}`);
  }

  async lease(user: User, phoneNumber: string, callingPhoneNumber: string): Promise<string> {
    this.ask(`lease ${user.ref.userId} ${phoneNumber} ${callingPhoneNumber}`);
    return LEASED_IMRN.imrn;
  }

  private ask(what: string): void {
    this.asked.push(what);
    const { failure } = this;
    delete this.failure;
    if (failure) throw failure;
  }
}

function anActiveCall(): Call {
  return {
    callId: CALL_ID,
    externalTrackingId: TRACKING_ID,
    owner: { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' },
    personality: 'Originator',
    state: 'Active',
    remoteParty: { address: '+3212345678', callType: 'Unknown' },
    endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    appearance: 1,
    inConference: false,
    startTime: Date.parse(`${startTime}Z`),
    answerTime: Date.parse(`${answerTime}Z`),
    recorded: false,
    recordingMode: 'On Demand with User Initiated Start',
    version: 4,
  };
}
