import {
  CallEngine,
  type CallIds,
  type CallsFrom,
  type DialOrder,
  EngineRefusal,
  type EngineRefusalReason,
} from '../../src/calls/application/call-engine.js';
import { newCallId, newTrackingId } from '../../src/calls/application/call-ids.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { User } from '../../src/directory/domain/user.js';

/** An engine of which the test decides what comes of the next command. Keeps what it was asked to do. */
export class CallEngineDouble extends CallEngine {
  readonly asked: string[] = [];
  /** What becomes of the next command: happens before it is confirmed or refused. */
  private meanwhile: () => Promise<void> = async () => {};
  private refusal: EngineRefusal | undefined;
  /** Whether a dial would ring a device. */
  rings = true;
  /** What becomes of every read. */
  catchesUp: () => Promise<CallsFrom> = () => Promise.resolve('store');

  refuse(reason: EngineRefusalReason, meanwhile = async () => {}, message?: string): void {
    this.refusal = new EngineRefusal(reason, message);
    this.meanwhile = meanwhile;
  }

  override readonly serving = true;
  override outOfStep = () => Promise.resolve<string[]>([]);
  override start = async () => {};
  override stop = async () => {};
  override canRing = () => this.rings;
  override dial = ({ caller, destination }: DialOrder) =>
    this.begin(`dial ${caller.ref.userId} ${destination.address}`, newTrackingId());
  override hold = (call: Call) => this.ask(`hold ${call.callId}`);
  override reconnect = (call: Call) => this.ask(`reconnect ${call.callId}`);
  override release = (call: Call) => this.ask(`release ${call.callId}`);
  override blindTransfer = (call: Call, { address }: { address: string }) =>
    this.ask(`blindTransfer ${call.callId} ${address}`);
  override consultativeTransfer = (call: Call, consulted: Call) =>
    this.ask(`consultativeTransfer ${call.callId} ${consulted.callId}`);
  override retrieve = (call: Call, user: User) =>
    this.begin(`retrieve ${call.callId} ${user.ref.userId}`, call.externalTrackingId);
  override startRecording = (call: Call) => this.ask(`startRecording ${call.callId}`);
  override pauseRecording = (call: Call) => this.ask(`pauseRecording ${call.callId}`);
  override resumeRecording = (call: Call) => this.ask(`resumeRecording ${call.callId}`);
  override stopRecording = (call: Call) => this.ask(`stopRecording ${call.callId}`);
  override catchUp = () => this.catchesUp();

  private async begin(what: string, externalTrackingId: string): Promise<CallIds> {
    await this.ask(what);
    return { callId: newCallId(), externalTrackingId };
  }

  private async ask(what: string): Promise<void> {
    this.asked.push(what);
    const { meanwhile, refusal } = this;
    this.meanwhile = async () => {};
    this.refusal = undefined;
    await meanwhile();
    if (refusal) throw refusal;
  }
}
