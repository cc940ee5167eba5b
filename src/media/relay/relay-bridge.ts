import { RecordingFailed, type Side } from '../media.js';
import type { BridgeRecording } from './bridge-recording.js';
import type { PortPair } from './port-pool.js';
import type { Endpoint } from './relay-calls.js';
import { RelayStream, type Tally } from './relay-stream.js';

const SIDES = ['caller', 'callee'] as const;

/** Two sides: what arrives on one goes out on the other. */
export class RelayBridge {
  readonly pairs: Record<Side, PortPair>;
  private readonly host: string;
  private readonly rtp: Record<Side, RelayStream>;
  private readonly rtcp: Record<Side, RelayStream>;
  /** Under way, or about to be. */
  private readonly recordings = new Map<string, Promise<BridgeRecording>>();
  private hearing: BridgeRecording[] = [];

  constructor(host: string, pairs: Record<Side, PortPair>, tally: Tally) {
    this.host = host;
    this.pairs = pairs;
    this.rtp = joined(pairs.caller.rtp, pairs.callee.rtp, tally);
    this.rtcp = joined(pairs.caller.rtcp, pairs.callee.rtcp, tally);
    for (const side of SIDES) {
      this.rtp[side].onPassed = (packet) => {
        for (const recording of this.hearing) recording.hear(side, packet);
      };
    }
  }

  describe(side: Side, { address, port, rtcpPort }: Endpoint): void {
    this.rtp[side].describe(this.withoutLoop({ address, port }));
    this.rtcp[side].describe(this.withoutLoop({ address, port: rtcpPort }));
  }

  /** One of that id that is there already goes on. @throws RecordingFailed */
  async record(id: string, begin: () => Promise<BridgeRecording>): Promise<void> {
    const begun = this.recordings.get(id) ?? begin();
    this.recordings.set(id, begun);
    try {
      const recording = await begun;
      if (!this.hearing.includes(recording)) this.hearing.push(recording);
    } catch (error) {
      this.recordings.delete(id);
      throw error;
    }
  }

  /** One that fails at it is no longer under way. @throws RecordingFailed */
  async change(id: string, step: (recording: BridgeRecording) => Promise<void>): Promise<void> {
    const recording = await this.recordings.get(id);
    if (!recording) throw new RecordingFailed('The recording is not under way');
    try {
      await step(recording);
    } catch (error) {
      await this.withdraw(id);
      throw error;
    }
  }

  /** Nothing is recorded there any more. @throws RecordingFailed where it never began */
  async withdraw(id: string): Promise<BridgeRecording | undefined> {
    const begun = this.recordings.get(id);
    this.recordings.delete(id);
    const recording = await begun;
    this.hearing = this.hearing.filter((each) => each !== recording);
    return recording;
  }

  recordingIds(): string[] {
    return [...this.recordings.keys()];
  }

  /** What is sent to a bridge by itself would go round for ever. */
  private withoutLoop(to: { address: string; port: number }): { address: string; port: number } {
    const own = SIDES.some((side) => (to.port & ~1) === this.pairs[side].port);
    return own && to.address === this.host ? { ...to, port: 0 } : to;
  }
}

function joined(
  callerSocket: PortPair['rtp'],
  calleeSocket: PortPair['rtp'],
  tally: Tally,
): Record<Side, RelayStream> {
  const caller = new RelayStream(callerSocket, tally);
  const callee = new RelayStream(calleeSocket, tally);
  caller.other = callee;
  callee.other = caller;
  return { caller, callee };
}
