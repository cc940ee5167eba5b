import { setTimeout as delay } from 'node:timers/promises';

/** Whether the question is answered, rather than refused or left open, in so many milliseconds. Never fails. */
export async function answersWithin(ms: number, ask: () => Promise<unknown>): Promise<boolean> {
  const waiting = new AbortController();
  const late = delay(ms, false, { signal: waiting.signal }).catch(() => false);
  try {
    return await Promise.race([ask().then(() => true), late]);
  } catch {
    return false;
  } finally {
    waiting.abort();
  }
}
