import {
  CallEngine,
  EngineRefusal,
  type EngineRefusalReason,
} from '../../src/calls/application/call-engine.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { User } from '../../src/directory/domain/user.js';

/** An engine of which the test decides what comes of the next command. Keeps what it was asked to do. */
export class CallEngineDouble extends CallEngine {
  readonly asked: string[] = [];
  /** What becomes of the next command: happens before it is confirmed or refused. */
  private meanwhile: () => Promise<void> = async () => {};
  private refusal: EngineRefusalReason | undefined;

  refuse(reason: EngineRefusalReason, meanwhile = async () => {}): void {
    this.refusal = reason;
    this.meanwhile = meanwhile;
  }

  override readonly serving = true;
  override start = async () => {};
  override stop = async () => {};
  override canRing = () => true;
  override prepareDial = () => undefined;
  override dial = () => this.ask('dial');
  override hold = (call: Call) => this.ask(`hold ${call.callId}`);
  override reconnect = (call: Call) => this.ask(`reconnect ${call.callId}`);
  override release = (call: Call) => this.ask(`release ${call.callId}`);
  override blindTransfer = (call: Call, { address }: { address: string }) =>
    this.ask(`blindTransfer ${call.callId} ${address}`);
  override consultativeTransfer = (call: Call, consulted: Call) =>
    this.ask(`consultativeTransfer ${call.callId} ${consulted.callId}`);
  override retrieve = (call: Call, user: User, callId: string) =>
    this.ask(`retrieve ${call.callId} ${user.ref.userId} ${callId}`);
  override startRecording = (call: Call) => this.ask(`startRecording ${call.callId}`);
  override pauseRecording = (call: Call) => this.ask(`pauseRecording ${call.callId}`);
  override resumeRecording = (call: Call) => this.ask(`resumeRecording ${call.callId}`);
  override stopRecording = (call: Call) => this.ask(`stopRecording ${call.callId}`);

  private async ask(what: string): Promise<void> {
    this.asked.push(what);
    const { meanwhile, refusal } = this;
    this.meanwhile = async () => {};
    this.refusal = undefined;
    await meanwhile();
    if (refusal) throw new EngineRefusal(refusal);
  }
}
