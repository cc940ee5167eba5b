import { audioOf, rewriteAudio } from '../../sip/sdp.js';
import {
  type GapReason,
  Media,
  type MediaHealth,
  type MediaBridge,
  MediaUnavailable,
  RecordingFailed,
  type RecordingOrder,
  type Side,
} from '../media.js';
import type { Endpoint, Ports, RelayCalls, RelayCounts, RelayOptions } from './relay-calls.js';
import { RelayThread } from './relay-thread.js';
import { checkFolder } from '../recording/check-folder.js';
import { answersWithin } from '../answers-within.js';

interface OpenBridge {
  ports: Ports;
  /** The last one, until the session is restored. */
  offer?: { from: Side; party: Endpoint | undefined };
  recordings: Set<string>;
}

/** Passes the audio through this process, in a thread of its own. A bridge notes its ports: `relay: {caller, callee}`. */
export class RelayMedia extends Media {
  override readonly canRecord = true;
  private readonly options: RelayOptions;
  private readonly bridges = new Map<string, Promise<OpenBridge>>();
  private started = false;
  private thread: RelayThread | undefined;

  constructor(options: RelayOptions) {
    super();
    this.options = options;
  }

  override async start(): Promise<void> {
    this.started = true;
    try {
      await this.running().ask('start');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  override async stop(): Promise<void> {
    this.started = false;
    await this.thread?.stop();
    this.thread = undefined;
    this.bridges.clear();
  }

  override async health(limitMs: number): Promise<MediaHealth> {
    const [answers, recordings] = await Promise.all([
      answersWithin(limitMs, () => this.counts()),
      answersWithin(limitMs, () => checkFolder(this.options.recordingsDir)),
    ]);
    return { nodes: 1, answering: answers ? 1 : 0, recordings };
  }

  override async offer(bridge: MediaBridge, from: Side, sdp: string): Promise<string> {
    const party = partyOf(sdp);
    const open = await this.opened(bridge);
    open.offer = { from, party };
    return party ? this.through(open, from, sdp) : sdp;
  }

  override async answer(bridge: MediaBridge, from: Side, sdp: string): Promise<string> {
    const party = partyOf(sdp);
    const open = await this.opened(bridge);
    if (!party) return sdp;
    const offered = open.offer?.from === from ? undefined : open.offer?.party;
    this.connect(bridge, { [from]: party, ...(offered && { [otherThan(from)]: offered }) });
    return this.through(open, from, sdp);
  }

  override async restore(bridge: MediaBridge, sdp: Record<Side, string>): Promise<void> {
    const [caller, callee] = [partyOf(sdp.caller), partyOf(sdp.callee)];
    const open = await this.opened(bridge);
    delete open.offer;
    this.connect(bridge, { ...(caller && { caller }), ...(callee && { callee }) });
  }

  override async close({ id }: MediaBridge): Promise<void> {
    const opening = this.bridges.get(id);
    this.bridges.delete(id);
    const open = await opening?.catch(() => undefined);
    if (!open || !this.thread) return;
    // Only files take time.
    if (open.recordings.size > 0) await this.thread.ask('close', id).catch(() => undefined);
    else this.thread.tell('close', id);
  }

  override async startRecording({ id }: MediaBridge, order: RecordingOrder): Promise<void> {
    const open = await this.bridges.get(id)?.catch(() => undefined);
    if (!open) throw new RecordingFailed('No audio passes that could be recorded');
    await this.recording('startRecording', id, order);
    open.recordings.add(order.id);
  }

  override async pauseRecording({ id }: MediaBridge, recordingId: string, reason: GapReason): Promise<void> {
    await this.recording('pauseRecording', id, recordingId, reason);
  }

  override async resumeRecording({ id }: MediaBridge, recordingId: string): Promise<void> {
    await this.recording('resumeRecording', id, recordingId);
  }

  override async stopRecording({ id }: MediaBridge, recordingId: string): Promise<void> {
    (await this.bridges.get(id)?.catch(() => undefined))?.recordings.delete(recordingId);
    await this.recording('stopRecording', id, recordingId).catch(() => undefined);
  }

  override async finishRecordings(except: ReadonlySet<string>): Promise<void> {
    await this.thread?.ask('finishRecordings', except).catch(() => undefined);
  }

  /** @throws MediaUnavailable */
  async counts(): Promise<RelayCounts> {
    return this.running().ask('counts');
  }

  private opened(bridge: MediaBridge): Promise<OpenBridge> {
    const known = this.bridges.get(bridge.id);
    if (known) return known;
    const opening = this.open(bridge);
    this.bridges.set(bridge.id, opening);
    opening.catch(() => this.bridges.delete(bridge.id));
    return opening;
  }

  private async open(bridge: MediaBridge): Promise<OpenBridge> {
    const ports = await this.running().ask('open', bridge.id, bridge.relay as Ports | undefined);
    bridge.relay = ports;
    return { ports, recordings: new Set() };
  }

  private connect({ id }: MediaBridge, parties: Partial<Record<Side, Endpoint>>): void {
    this.running().tell('connect', id, parties);
  }

  private through({ ports }: OpenBridge, from: Side, sdp: string): string {
    return rewriteAudio(sdp, { address: this.options.host, port: ports[otherThan(from)] });
  }

  private async recording<N extends keyof RelayCalls>(
    call: N,
    ...args: Parameters<RelayCalls[N]>
  ): Promise<void> {
    try {
      await this.running().ask(call, ...args);
    } catch (error) {
      throw error instanceof RecordingFailed ? error : new RecordingFailed((error as Error).message);
    }
  }

  /** @throws MediaUnavailable */
  private running(): RelayThread {
    if (!this.started) throw new MediaUnavailable('The relay is not running');
    this.thread ??= new RelayThread(
      this.options,
      (bridgeId, recordingId, reason) => this.recordingFailed(bridgeId, recordingId, reason),
      () => this.forgetAll(),
    );
    return this.thread;
  }

  private recordingFailed(bridgeId: string, recordingId: string, reason: string): void {
    this.bridges.get(bridgeId)?.then(
      ({ recordings }) => recordings.delete(recordingId),
      () => undefined,
    );
    this.onRecordingFailed(bridgeId, recordingId, reason);
  }

  /** The thread has ended: the next call begins another. Bridges come back with their next offer or restore. */
  private forgetAll(): void {
    this.thread = undefined;
    const lost = [...this.bridges];
    this.bridges.clear();
    for (const [bridgeId, opening] of lost) {
      opening.then(
        ({ recordings }) => {
          for (const id of recordings)
            this.onRecordingFailed(bridgeId, id, 'the thread that relays has ended');
        },
        () => undefined,
      );
    }
  }
}

/** Undefined for a description without audio. @throws MediaUnavailable */
function partyOf(sdp: string): Endpoint | undefined {
  if (!sdp) return undefined;
  try {
    return audioOf(sdp);
  } catch (error) {
    throw new MediaUnavailable((error as Error).message);
  }
}

function otherThan(side: Side): Side {
  return side === 'caller' ? 'callee' : 'caller';
}
