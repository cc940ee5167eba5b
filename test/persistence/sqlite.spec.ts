import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteRegistrationStore } from '../../src/persistence/sqlite/sqlite-registration-store.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { describeCallRepository } from '../contracts/call-repository.contract.js';

describe('the embedded store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describeCallRepository(async () => {
    const store = await SqliteStore.open(folder);
    return {
      repository: new SqliteCallRepository(store),
      registrations: new SqliteRegistrationStore(store),
      close: () => store.close(),
    };
  });
});
