import { answer } from './asked.ts';

/** Loaded into every process of the bench beside its own code: tells what the process uses. */
export interface Usage {
  /** CPU time of all threads since the start, microseconds. */
  cpu: number;
}

export interface Memory {
  /** Bytes after a forced collection. */
  heap: number;
  external: number;
  rss: number;
}

function memory(): Memory {
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, rss };
}

answer({
  usage: (): Usage => {
    const { user, system } = process.cpuUsage();
    return { cpu: user + system };
  },
  memory,
});
