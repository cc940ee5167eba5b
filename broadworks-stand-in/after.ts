/** A timer that keeps no process alive. */
export function after(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, ms).unref();
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
