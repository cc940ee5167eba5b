import { setTimeout as delay } from 'node:timers/promises';

/** Asks until there is an answer. @throws Error with the complaint after ten seconds */
export async function eventually<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  complaint: () => string,
  intervalMs = 30,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(complaint());
    await delay(intervalMs);
  }
}
