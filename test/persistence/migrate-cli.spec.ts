import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Postgres, startPostgres } from '../support/postgres.js';

const ROOT = join(import.meta.dirname, '../..');

/** `npm run migrate`, from source. */
function migrate(env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const args = [
    '--experimental-transform-types',
    '--no-warnings',
    '--import',
    join(ROOT, 'test/support/from-source.mjs'),
    join(ROOT, 'src/persistence/migrate-cli.ts'),
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { PATH: process.env['PATH'], ...env } }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe('the command that migrates', () => {
  let folder: string;
  let postgres: Postgres;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'migrate-'));
    postgres = await startPostgres(join(folder, 'postgres'));
  }, 60_000);

  afterAll(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('may run several times at once on an empty PostgreSQL, and once more', async () => {
    const DATABASE_URL = await postgres.database('at_once');
    const runs = await Promise.all([1, 2, 3].map(() => migrate({ DATABASE_URL })));
    runs.push(await migrate({ DATABASE_URL }));
    for (const run of runs) {
      expect(run).toEqual({
        code: 0,
        out: `PostgreSQL at 127.0.0.1:${postgres.port} is up to date.\n`,
        err: '',
      });
    }
    const client = new Client(DATABASE_URL);
    await client.connect();
    const { rows } = await client.query('select name from kysely_migration order by name');
    await client.end();
    expect(rows).toEqual([
      { name: '0001-calls' },
      { name: '0002-imrn-leases' },
      { name: '0003-channel-leases' },
    ]);
  }, 60_000);

  it('tells on one line, without the password, that the database is away, and ends with 1', async () => {
    const run = await migrate({ DATABASE_URL: 'postgres://calls:hush-hush@127.0.0.1:1/calls' });
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/^The store cannot be migrated: .*ECONNREFUSED.*\n$/);
    expect(run.out + run.err).not.toContain('hush-hush');
  });

  it('migrates the embedded store, twice', async () => {
    const DATA_DIR = join(folder, 'embedded');
    const said = { code: 0, out: `The embedded store in ${DATA_DIR} is up to date.\n`, err: '' };
    expect(await migrate({ DATA_DIR })).toEqual(said);
    expect(await migrate({ DATA_DIR })).toEqual(said);
  });

  it('refuses an address that is none', async () => {
    const run = await migrate({ DATABASE_URL: 'mysql://calls' });
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toMatch(/^DATABASE_URL is a value that is not shown here; allowed: /);
  });
});
