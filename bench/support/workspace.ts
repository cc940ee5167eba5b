import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a part has started, stopped in reverse order when it ends. */
export class Workspace {
  /** Below the project, since the system's folder for temporary files may be in memory, where fsync costs nothing. */
  readonly folder: string;
  private readonly stops: (() => unknown)[] = [];

  constructor() {
    mkdirSync('data', { recursive: true });
    this.folder = mkdtempSync(join('data', 'bench-'));
    // PostgreSQL refuses to run as root, and then runs as a user who must get to its folder.
    chmodSync(this.folder, 0o755);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  keep<T extends { stop(): unknown }>(started: T): T {
    this.stops.push(() => started.stop());
    return started;
  }

  async end(): Promise<void> {
    for (const stop of this.stops.toReversed()) await stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
