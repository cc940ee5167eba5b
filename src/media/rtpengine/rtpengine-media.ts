import { audioOf, directionOf, rewriteAudio } from '../../sip/sdp.js';
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
import { answersWithin } from '../answers-within.js';
import { BridgeCall, type Party, type Place } from './bridge-call.js';
import type { NgClient, RtpengineAddress } from './ng-client.js';
import { RtpengineInstances } from './rtpengine-instances.js';
import { RtpengineRecordings } from './rtpengine-recordings.js';

export interface RtpengineOptions {
  instances: RtpengineAddress[];
  /** Where finished recordings lie. */
  recordingsDir: string;
  /**
   * The `--recording-dir` of the instances (with `--recording-method=pcap`) as this service sees it; it must be able
   * to read and to delete there, and the clocks must agree. Without it nothing can be recorded.
   */
  recordingSpool?: string;
  /**
   * For phones behind NAT, whose audio does not come from where their descriptions say. For three seconds after each
   * description rtpengine then passes on what comes from anywhere, and keeps to the likeliest source from then on.
   */
  learnSources?: boolean;
}

/** What is noted in a bridge. */
interface Noted extends Place {
  instance: string;
}

interface Offer {
  from: Side;
  party: Party | undefined;
}

const OTHER: Record<Side, Side> = { caller: 'callee', callee: 'caller' };

/**
 * Passes the audio through rtpengine (10.5 or later, ng protocol). A bridge stays on its instance and notes it with
 * the ports: `rtpengine: {instance, address, ports}`. Where the instance has forgotten the call, the next offer, answer
 * or restore opens it again, with other ports: a phone that was told the former ones is heard again once it is told.
 */
export class RtpengineMedia extends Media {
  override readonly canRecord: boolean;
  private readonly instances: RtpengineInstances;
  private readonly learnSources: boolean;
  private readonly recordings: RtpengineRecordings;
  private readonly opening = new Map<string, Promise<Noted>>();
  /** The last one of each bridge, until the session is restored. */
  private readonly offers = new Map<string, Offer>();

  constructor({ instances, recordingsDir, recordingSpool, learnSources = false }: RtpengineOptions) {
    super();
    this.instances = new RtpengineInstances(instances);
    this.learnSources = learnSources;
    this.recordings = new RtpengineRecordings(
      recordingsDir,
      recordingSpool,
      learnSources,
      (bridgeId, recordingId, reason) => this.onRecordingFailed(bridgeId, recordingId, reason),
    );
    this.canRecord = recordingSpool !== undefined;
  }

  override start(): Promise<void> {
    return this.instances.start();
  }

  override async stop(): Promise<void> {
    await this.recordings.leave();
    await this.instances.stop();
    this.offers.clear();
  }

  override async health(limitMs: number): Promise<MediaHealth> {
    const [nodes, recordings] = await Promise.all([
      this.instances.health(limitMs),
      answersWithin(limitMs, () => this.recordings.check()),
    ]);
    return { ...nodes, ...(this.canRecord && { recordings }) };
  }

  override offer(bridge: MediaBridge, from: Side, sdp: string): Promise<string> {
    return orUnavailable(async () => {
      const party = partyOf(sdp);
      const place = await this.opened(bridge);
      this.offers.set(bridge.id, { from, party });
      return party ? through(place, from, sdp) : sdp;
    });
  }

  override answer(bridge: MediaBridge, from: Side, sdp: string): Promise<string> {
    return orUnavailable(async () => {
      const party = partyOf(sdp);
      const place = await this.opened(bridge);
      if (!party) return sdp;
      const offer = this.offers.get(bridge.id);
      const offered = offer?.from === OTHER[from] ? offer.party : undefined;
      const parties = { [from]: party, ...(offered && { [OTHER[from]]: offered }) };
      await this.callOn(place, bridge.id).connect(parties);
      return through(place, from, sdp);
    });
  }

  override restore(bridge: MediaBridge, sdp: Record<Side, string>): Promise<void> {
    return orUnavailable(async () => {
      const [caller, callee] = [partyOf(sdp.caller), partyOf(sdp.callee)];
      const place = await this.opened(bridge);
      this.offers.delete(bridge.id);
      await this.callOn(place, bridge.id).connect({ ...(caller && { caller }), ...(callee && { callee }) });
    });
  }

  override async close(bridge: MediaBridge): Promise<void> {
    this.offers.delete(bridge.id);
    await this.opening.get(bridge.id)?.catch(() => undefined);
    await this.recordings.close(bridge.id);
    const place = notedIn(bridge);
    if (!place) return;
    try {
      await this.callOn(place, bridge.id).delete();
    } catch {
      // It ends by itself once no audio comes.
    }
  }

  override async startRecording(bridge: MediaBridge, order: RecordingOrder): Promise<void> {
    const place = notedIn(bridge);
    if (!place) throw new RecordingFailed('No audio passes that could be recorded');
    await this.recordings.start(bridge.id, order, async (command) =>
      this.instances.ask(this.instances.named(place.instance), command, { 'call-id': bridge.id }),
    );
  }

  override async pauseRecording(bridge: MediaBridge, recordingId: string, reason: GapReason): Promise<void> {
    await this.recordings.of(bridge.id).pause(recordingId, reason);
  }

  override async resumeRecording(bridge: MediaBridge, recordingId: string): Promise<void> {
    await this.recordings.of(bridge.id).resume(recordingId);
  }

  override async stopRecording(bridge: MediaBridge, recordingId: string): Promise<void> {
    await this.recordings.stop(bridge.id, recordingId);
  }

  override finishRecordings(except: ReadonlySet<string>): Promise<void> {
    return this.recordings.finish(except);
  }

  /** A bridge that is opened twice at once is opened once. */
  private opened(bridge: MediaBridge): Promise<Noted> {
    const known = this.opening.get(bridge.id);
    if (known) return known;
    const opening = this.open(bridge).finally(() => this.opening.delete(bridge.id));
    this.opening.set(bridge.id, opening);
    return opening;
  }

  private async open(bridge: MediaBridge): Promise<Noted> {
    const noted = notedIn(bridge);
    if (noted && (await this.callOn(noted, bridge.id).isOpen())) return noted;
    let refused: unknown;
    for (const node of noted ? [this.instances.named(noted.instance)] : this.instances.inTurn()) {
      try {
        const place = { instance: node.name, ...(await this.callAt(node, bridge.id).open()) };
        bridge.rtpengine = place;
        return place;
      } catch (error) {
        refused = error;
      }
    }
    throw refused;
  }

  private callOn({ instance }: Noted, bridgeId: string): BridgeCall {
    return this.callAt(this.instances.named(instance), bridgeId);
  }

  private callAt(node: NgClient, bridgeId: string): BridgeCall {
    const ask = this.instances.ask.bind(this.instances, node);
    return new BridgeCall(bridgeId, ask, this.learnSources);
  }
}

function notedIn({ rtpengine }: MediaBridge): Noted | undefined {
  return rtpengine as Noted | undefined;
}

function through({ address, ports }: Place, from: Side, sdp: string): string {
  return rewriteAudio(sdp, { address, port: ports[OTHER[from]] });
}

/** Undefined for a description without audio. @throws SdpError */
function partyOf(sdp: string): Party | undefined {
  const audio = sdp ? audioOf(sdp) : undefined;
  return audio && { ...audio, direction: directionOf(sdp) };
}

async function orUnavailable<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof MediaUnavailable ? error : new MediaUnavailable((error as Error).message);
  }
}
