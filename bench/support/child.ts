import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Memory, Usage } from './probe.ts';

const PROBE = new URL('./probe.ts', import.meta.url).href;
const STOP_AFTER_MS = 10_000;

export interface ChildOptions {
  args?: string[];
  env?: Record<string, string>;
  /** Of Node, such as what to load before the script. */
  nodeOptions?: string[];
  /** Told of every message that is not an answer. */
  onReport?(report: unknown): void;
}

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** A process of the bench: the service itself, or a script of this folder that answers questions. */
export class Child {
  readonly process: ChildProcess;
  private output = '';
  private nextId = 1;
  private readonly pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private ended: Error | undefined;

  /** @param script path relative to the folder `bench` */
  constructor(script: string, { args = [], env = {}, nodeOptions: own = [], onReport }: ChildOptions = {}) {
    const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
    const nodeOptions = process.env.BENCH_NODE_OPTIONS?.split(' ').filter(Boolean) ?? [];
    this.process = spawn(
      process.execPath,
      ['--expose-gc', ...nodeOptions, ...own, '--import', PROBE, path, ...args],
      {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    );
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.process.on('message', (message: Answer) => {
      const waiting = this.pending.get(message.id);
      if (!waiting) return onReport?.(message);
      this.pending.delete(message.id);
      if (message.error === undefined) waiting.resolve(message.value);
      else waiting.reject(new Error(`${script}: ${message.error}`));
    });
    this.process.once('exit', (code) => {
      this.ended = new Error(`${script} has ended with ${code}\n${this.output}`);
      for (const { reject } of this.pending.values()) reject(this.ended);
    });
  }

  ask<T>(ask: string, argument?: unknown): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.process.send({ id, ask, argument });
    });
  }

  usage(): Promise<Usage> {
    return this.ask('usage');
  }

  memory(): Promise<Memory> {
    return this.ask('memory');
  }

  /** The first match in what the process prints. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.ended) throw this.ended;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_AFTER_MS);
    await ended;
    clearTimeout(timer);
  }
}
