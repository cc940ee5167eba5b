import { RecordingFailed, type RecordingOrder } from '../media.js';
import { checkFolder } from '../recording/check-folder.js';
import { RecordingFiles } from '../recording/recording-files.js';
import { BridgeRecordings } from './bridge-recordings.js';
import type { Ask } from './capture.js';
import { Spool } from './spool.js';

/** The recordings of all bridges of a process. */
export class RtpengineRecordings {
  private readonly folder: string;
  private readonly files: RecordingFiles;
  private readonly spool: Spool | undefined;
  private readonly learnSources: boolean;
  private readonly onFailed: (bridgeId: string, recordingId: string, reason: string) => void;
  private readonly bridges = new Map<string, BridgeRecordings>();

  constructor(
    folder: string,
    spool: string | undefined,
    learnSources: boolean,
    onFailed: (bridgeId: string, recordingId: string, reason: string) => void,
  ) {
    this.folder = folder;
    this.files = new RecordingFiles(folder);
    this.spool = spool === undefined ? undefined : new Spool(spool);
    this.learnSources = learnSources;
    this.onFailed = onFailed;
  }

  /** @throws Error when nothing could be captured or written */
  async check(): Promise<void> {
    await Promise.all([this.spool?.check(), checkFolder(this.folder)]);
  }

  /** @throws RecordingFailed */
  async start(bridgeId: string, order: RecordingOrder, ask: Ask): Promise<void> {
    const { files, spool, learnSources } = this;
    if (!spool) throw new RecordingFailed('No spool of rtpengine is configured');
    const onFailed = (recordingId: string, reason: string) => this.onFailed(bridgeId, recordingId, reason);
    const known = this.bridges.get(bridgeId);
    const recordings =
      known ?? new BridgeRecordings({ callId: bridgeId, spool, files, ask, learnSources, onFailed });
    this.bridges.set(bridgeId, recordings);
    await recordings.start(order);
  }

  /** @throws RecordingFailed */
  of(bridgeId: string): BridgeRecordings {
    const recordings = this.bridges.get(bridgeId);
    if (!recordings) throw new RecordingFailed('There is no such recording');
    return recordings;
  }

  /** Never fails. */
  async stop(bridgeId: string, recordingId: string): Promise<void> {
    await this.bridges.get(bridgeId)?.stop(recordingId);
  }

  /** Completes those of the bridge, and forgets what a former process had captured of it. Never fails. */
  async close(bridgeId: string): Promise<void> {
    await this.bridges.get(bridgeId)?.stopAll();
    this.bridges.delete(bridgeId);
    await this.spool?.forget(bridgeId);
  }

  /** Leaves them for another process to carry on with. Never fails. */
  async leave(): Promise<void> {
    await Promise.all([...this.bridges.values()].map((each) => each.leave()));
    this.bridges.clear();
  }

  /** Completes what former processes left. */
  finish(except: ReadonlySet<string>): Promise<void> {
    const underWay = [...this.bridges.values()].flatMap((each) => each.ids);
    return this.files.finishAbandoned(new Set([...except, ...underWay]));
  }
}
