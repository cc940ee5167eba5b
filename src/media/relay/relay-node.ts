import { MediaUnavailable, type GapReason, type RecordingOrder, type Side } from '../media.js';
import { RecordingFiles } from '../recording/recording-files.js';
import { BridgeRecording } from './bridge-recording.js';
import { PortPool, type PortPair } from './port-pool.js';
import { RelayBridge } from './relay-bridge.js';
import type { Endpoint, Ports, RelayCalls, RelayOptions } from './relay-calls.js';

type OnFailed = (bridgeId: string, recordingId: string, reason: string) => void;

/** All bridges of a process. Lives in a thread of its own. */
export class RelayNode implements RelayCalls {
  private readonly host: string;
  private readonly pool: PortPool;
  private readonly files: RecordingFiles;
  private readonly onFailed: OnFailed;
  private readonly bridges = new Map<string, RelayBridge>();
  private readonly tally = { dropped: 0 };

  constructor({ host, ports, recordingsDir }: RelayOptions, onFailed: OnFailed) {
    this.host = host;
    this.pool = new PortPool(host, ports);
    this.files = new RecordingFiles(recordingsDir);
    this.onFailed = onFailed;
  }

  async start(): Promise<void> {
    this.pool.giveBack(await this.pool.take());
  }

  async open(bridgeId: string, ports: Ports | undefined): Promise<Ports> {
    const caller = await this.pair(ports?.caller);
    let callee: PortPair;
    try {
      callee = await this.pair(ports?.callee);
    } catch (error) {
      this.pool.giveBack(caller);
      throw error;
    }
    this.bridges.set(bridgeId, new RelayBridge(this.host, { caller, callee }, this.tally));
    return { caller: caller.port, callee: callee.port };
  }

  async connect(bridgeId: string, { caller, callee }: Partial<Record<Side, Endpoint>>): Promise<void> {
    const bridge = this.bridge(bridgeId);
    if (caller) bridge.describe('caller', caller);
    if (callee) bridge.describe('callee', callee);
  }

  async close(bridgeId: string): Promise<void> {
    const bridge = this.bridges.get(bridgeId);
    if (!bridge) return;
    this.bridges.delete(bridgeId);
    this.pool.giveBack(bridge.pairs.caller);
    this.pool.giveBack(bridge.pairs.callee);
    await Promise.allSettled(bridge.recordingIds().map((id) => complete(bridge, id)));
  }

  startRecording(bridgeId: string, order: RecordingOrder): Promise<void> {
    const bridge = this.bridge(bridgeId);
    return bridge.record(order.id, () =>
      BridgeRecording.begin(this.files, order, async (reason) => {
        await bridge.withdraw(order.id);
        this.onFailed(bridgeId, order.id, reason);
      }),
    );
  }

  pauseRecording(bridgeId: string, recordingId: string, reason: GapReason): Promise<void> {
    return this.bridge(bridgeId).change(recordingId, (recording) => recording.pause(reason));
  }

  resumeRecording(bridgeId: string, recordingId: string): Promise<void> {
    return this.bridge(bridgeId).change(recordingId, (recording) => recording.resume());
  }

  stopRecording(bridgeId: string, recordingId: string): Promise<void> {
    return complete(this.bridge(bridgeId), recordingId);
  }

  finishRecordings(except: ReadonlySet<string>): Promise<void> {
    const underWay = [...this.bridges.values()].flatMap((bridge) => bridge.recordingIds());
    return this.files.finishAbandoned(new Set([...except, ...underWay]));
  }

  async counts() {
    return { bridges: this.bridges.size, portPairs: this.pool.inUse, dropped: this.tally.dropped };
  }

  async stop(): Promise<void> {
    this.pool.close();
    const left = [...this.bridges.values()].flatMap((bridge) =>
      bridge.recordingIds().map(async (id) => (await bridge.withdraw(id))?.leave()),
    );
    await Promise.allSettled(left);
  }

  private pair(port: number | undefined): Promise<PortPair> {
    return port === undefined ? this.pool.take() : this.pool.takeExactly(port);
  }

  private bridge(bridgeId: string): RelayBridge {
    const bridge = this.bridges.get(bridgeId);
    if (!bridge) throw new MediaUnavailable('Nothing is open for these parties');
    return bridge;
  }
}

async function complete(bridge: RelayBridge, recordingId: string): Promise<void> {
  await (await bridge.withdraw(recordingId))?.complete();
}
