/** Runs tasks that share a key one after the other, in the order of the calls, and all others at the same time. */
export class KeyedQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** The task takes its place behind all of its keys at once, so that nobody waits in a circle. */
  run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.tails.get(key) ?? []);
    const result = before.length > 0 ? Promise.allSettled(before).then(task) : task();
    for (const key of keys) this.tails.set(key, result);
    const forget = () => {
      for (const key of keys) if (this.tails.get(key) === result) this.tails.delete(key);
    };
    result.then(forget, forget);
    return result;
  }
}
