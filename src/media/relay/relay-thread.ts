import { Worker } from 'node:worker_threads';
import { MediaUnavailable, RecordingFailed } from '../media.js';
import type { RelayCalls, RelayOptions, RelayQuestion, RelayReport } from './relay-calls.js';

type Name = keyof RelayCalls;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The other end of `relay.worker.ts`. */
export class RelayThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly onFailed: (bridgeId: string, recordingId: string, reason: string) => void;
  private readonly exited: Promise<void>;
  private nextId = 1;
  private ended = false;

  /** @param onEnd told when the thread ends by itself */
  constructor(options: RelayOptions, onFailed: RelayThread['onFailed'], onEnd: () => void) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.worker = new Worker(new URL(`./relay.worker.${extension}`, import.meta.url), {
      workerData: options,
    });
    this.onFailed = onFailed;
    this.worker.on('message', (report: RelayReport) => this.receive(report));
    // Its exit follows.
    this.worker.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', () => {
        if (!this.ended) onEnd();
        this.end();
        resolve();
      });
    });
  }

  /** @throws MediaUnavailable, RecordingFailed */
  ask<N extends Name>(call: N, ...args: Parameters<RelayCalls[N]>): ReturnType<RelayCalls[N]> {
    const answered = new Promise((resolve, reject) => {
      if (this.ended) return reject(gone());
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, args } satisfies RelayQuestion);
    });
    return answered as ReturnType<RelayCalls[N]>;
  }

  /** What needs no answer; done before whatever is asked later. @throws MediaUnavailable */
  tell<N extends Name>(call: N, ...args: Parameters<RelayCalls[N]>): void {
    if (this.ended) throw gone();
    this.worker.postMessage({ id: 0, call, args } satisfies RelayQuestion);
  }

  async stop(): Promise<void> {
    if (!this.ended) await this.ask('stop').catch(() => undefined);
    this.end();
    await this.worker.terminate();
    await this.exited;
  }

  private receive(report: RelayReport): void {
    if ('failed' in report) return this.onFailed(report.bridgeId, report.recordingId, report.failed);
    const waiting = this.waiting.get(report.id);
    this.waiting.delete(report.id);
    if ('value' in report) waiting?.resolve(report.value);
    else
      waiting?.reject(new (report.kind === 'recording' ? RecordingFailed : MediaUnavailable)(report.error));
  }

  private end(): void {
    this.ended = true;
    for (const { reject } of this.waiting.values()) reject(gone());
    this.waiting.clear();
  }
}

function gone(): MediaUnavailable {
  return new MediaUnavailable('The thread that relays audio has ended');
}
