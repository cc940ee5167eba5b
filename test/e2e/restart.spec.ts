import { SandboxService } from '../support/sandbox-service.js';

describe('a service that starts again with the same data', () => {
  const service = new SandboxService({ RING_TIMEOUT: '20s' });

  afterAll(() => service.close());

  it('ends the calls that were being set up, once, and keeps the established ones', async () => {
    await service.start();
    const foo = await service.as('foouser');
    const bar = await service.as('baruser');
    const ringing = await foo.dial('+3212345681');
    await foo.only('Answered');
    const established = await bar.dial('5602');
    await bar.only('Active');

    await service.stop();
    await service.start();

    await foo.none();
    const facts = (await service.eventsOf(ringing)).map(({ fact }) => fact);
    expect(facts.at(-1)).toMatchObject({ kind: 'released', cause: 'serviceRestart', by: 'system' });
    expect((await bar.only('Active')).callId).toBe(established);
    expect((await bar.release(established)).status).toBe(200);
    await bar.none();
  });
});
