import { readFileSync } from 'node:fs';
import { ADMINISTRATOR, ClustersFile } from '../../support/broadworks/clusters-file.js';
import { ATTACKS, type AttackName, HostileSwitch } from '../../support/broadworks/hostile-switch.js';
import { StandIn } from '../../support/broadworks/stand-in.js';
import type { Answer } from '../../support/rest-client.js';
import { buildService, ServiceProcess } from '../../support/service-process.js';

/** One of two clusters answers whatever it likes. Its users are told so; the service and the other cluster go on. */

const MEGABYTE = 2 ** 20;
const AT_ONCE = 20;
const MOST_GROWTH = 100 * MEGABYTE;

let good: StandIn;
beforeAll(async () => {
  buildService();
  good = await StandIn.start();
}, 60_000);
afterAll(() => good.stop());

/** Bytes of memory that the process has had at most. */
function peak({ child }: ServiceProcess): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

describe.each(Object.keys(ATTACKS) as AttackName[])('a switch that answers with %s', (attack) => {
  const bad = new HostileSwitch();
  let clusters: ClustersFile;
  let service: ServiceProcess;

  beforeAll(async () => {
    bad.attack = attack;
    await bad.start();
    clusters = new ClustersFile({ demo: good.url, west: bad.url }, { barOn: 'west', timeout: '1s' });
    service = new ServiceProcess({ ...clusters.env, RATE_LIMIT: 'off' });
    await service.start();
  }, 30_000);
  afterAll(async () => {
    await service.stop();
    await bad.stop();
    clusters.remove();
    await good.clear();
  });

  const harmed = () => service.as('otheruser', 'bar', 'bargroup');
  const dial = () => harmed().send('POST', '', { phoneNumber: '+3212345678' });
  const list = () => harmed().send('GET', '?includeDetails=true');

  function expectToldOf({ status, body }: Answer): void {
    expect([502, 504]).toContain(status);
    expect(body).toMatchObject({ status, detail: expect.stringContaining('west') });
    const text = JSON.stringify(body);
    for (const secret of [
      '127.0.0.1',
      String(bad.port),
      ADMINISTRATOR.password,
      'otheruser@bar.example',
      'root:',
    ])
      expect(text).not.toContain(secret);
  }

  it('is named to who dials and to who lists, without its address', async () => {
    expectToldOf(await dial());
    expectToldOf(await list());
    expect(bad.requests.filter((line) => line.includes('stolen'))).toEqual([]);
  });

  it('leaves the other cluster alone, and fills no memory', async () => {
    const before = peak(service);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, dial));
    expect(answers.filter(({ status }) => status < 500)).toEqual([]);
    expect(peak(service) - before).toBeLessThan(MOST_GROWTH);
    const foo = service.as('foouser');
    const callId = await foo.dial('+3212345678');
    expect((await foo.only('Active')).callId).toBe(callId);
    expect((await foo.release(callId)).status).toBe(200);
    await foo.none();
  });
});
