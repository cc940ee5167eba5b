import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { Directory } from '../application/directory.js';
import type { Device, Group, User, UserRef } from '../domain/user.js';
import type { IndexedDirectory } from '../indexed-directory.js';
import { readDirectory } from './read-directory.js';

/** The directory that is served when no file is configured. The build copies it beside the compiled code. */
export const DEMO_DIRECTORY_FILE = fileURLToPath(new URL('../demo-directory.yaml', import.meta.url));

const POLL_INTERVAL_MS = 1_000;

/**
 * A directory in a YAML file, read again when the file changes. A file with mistakes is logged and the
 * directory stays as it was. Users that are handed out stay as they are, so calls under way see no change.
 */
export class YamlDirectory extends Directory implements OnModuleDestroy {
  readonly #log = new Logger('Directory');
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    private readonly file: string,
    private current: IndexedDirectory,
    private loadedPrint: string,
    private readonly pollInterval: number,
  ) {
    super();
    this.#watch(loadedPrint);
  }

  /**
   * @param options.pollInterval milliseconds between looks at the file
   * @throws FileMistakes, or the system's error when the file cannot be read
   */
  static async load(file: string, options: { pollInterval?: number } = {}): Promise<YamlDirectory> {
    const print = await fingerprint(file);
    const first = readDirectory(await readFile(file, 'utf8'), file);
    return new YamlDirectory(file, first, print, options.pollInterval ?? POLL_INTERVAL_MS);
  }

  /** Stops looking at the file. */
  onModuleDestroy(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /**
   * Looks at the file again and again: unlike the system's notices, this also sees a renamed file, a link that
   * was turned elsewhere (ConfigMap) and a network file system. A changed file is read once it holds still.
   */
  #watch(lastPrint: string): void {
    if (this.#closed) return;
    this.#timer = setTimeout(async () => {
      const print = await fingerprint(this.file);
      if (print !== this.loadedPrint && print === lastPrint) await this.#reload(print);
      this.#watch(print);
    }, this.pollInterval).unref();
  }

  async #reload(print: string): Promise<void> {
    this.loadedPrint = print;
    try {
      this.current = readDirectory(await readFile(this.file, 'utf8'), this.file);
      this.#log.log(`${this.file} read again: ${[...this.users()].length} users.`);
    } catch (error) {
      this.#log.error(`${this.file} not taken, the directory stays as it was:\n${(error as Error).message}`);
    }
  }

  findUser(ref: UserRef): User | undefined {
    return this.current.findUser(ref);
  }

  findGroup(tenantId: string, groupId: string): Group | undefined {
    return this.current.findGroup(tenantId, groupId);
  }

  findUserByNumber(number: string): User | undefined {
    return this.current.findUserByNumber(number);
  }

  findGroupByImrn(number: string): Group | undefined {
    return this.current.findGroupByImrn(number);
  }

  findUserByExtension(tenantId: string, groupId: string, extension: string): User | undefined {
    return this.current.findUserByExtension(tenantId, groupId, extension);
  }

  findDevice(addressOfRecord: string): { user: User; device: Device } | undefined {
    return this.current.findDevice(addressOfRecord);
  }

  users(): Iterable<User> {
    return this.current.users();
  }
}

/** Changes whenever the file does; empty while it cannot be seen. Follows links. */
async function fingerprint(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    return '';
  }
}
