import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;

/**
 * Looks again and again, with pauses that double from 5 ms, until what is looked for is there.
 * @param look returns undefined while it is not
 * @param withinMs until the last look
 */
export async function awaitFact<T>(
  look: () => Promise<T | undefined>,
  withinMs: number,
): Promise<T | undefined> {
  const deadline = performance.now() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    const found = await look();
    const leftMs = deadline - performance.now();
    if (found !== undefined || leftMs <= 0) return found;
    await delay(Math.min(pauseMs, leftMs));
  }
}
