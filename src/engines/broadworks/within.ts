import { setTimeout as delay } from 'node:timers/promises';

/** Resolves with the task, or when the time, in milliseconds, is up; the task goes on. @throws what the task does in time */
export async function within(ms: number, task: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const late = delay(ms, undefined, { signal: done.signal, ref: false }).catch(() => undefined);
  try {
    await Promise.race([task, late]);
  } finally {
    done.abort();
  }
}
