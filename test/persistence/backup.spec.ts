import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SandboxService } from '../support/sandbox-service.js';

describe('a backup of the embedded store, made as docs/operators.md says while the service runs', () => {
  const service = new SandboxService();
  const restored = new SandboxService();
  const copy = join(service.dataDir, 'backup.sqlite');
  afterAll(async () => {
    await service.close();
    await restored.close();
  });

  it('has the ongoing calls and those that have ended, for a service that starts with it', async () => {
    await service.start();
    const foo = await service.as('foouser');
    const ended = await foo.dial('+3212345678');
    await foo.only('Active');
    await foo.release(ended);
    const ongoing = await foo.dial('+3212345678');
    await foo.only('Active');

    const store = new DatabaseSync(join(service.dataDir, 'calls.sqlite'), { timeout: 5_000 });
    store.prepare('VACUUM INTO ?').run(copy);
    store.close();
    await foo.release(ongoing);
    await service.stop();

    copyFileSync(copy, join(restored.dataDir, 'calls.sqlite'));
    rmSync(copy);
    await restored.start();
    const call = await (await restored.as('foouser')).only('Active');
    expect(call.callId).toBe(ongoing);
    expect((await restored.eventsOf(ended)).map(({ fact }) => fact.kind)).toContain('released');
  }, 30_000);
});
