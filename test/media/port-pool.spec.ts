import { createSocket } from 'node:dgram';
import { MediaUnavailable } from '../../src/media/media.js';
import { PortPool } from '../../src/media/relay/port-pool.js';
import { freePorts } from '../support/free-ports.js';

const HOST = '127.0.0.1';

describe('the ports of the relay', () => {
  let pool: PortPool;
  let first: number;
  beforeEach(async () => {
    first = await freePorts(40);
  });
  afterEach(() => pool.close());

  it('are all of the range, even ones, from any place on', async () => {
    const firsts = new Set<number>();
    for (let time = 0; time < 20; time++) {
      pool = new PortPool(HOST, { first: first + 1, last: first + 10 });
      const ports = [await pool.take(), await pool.take(), await pool.take(), await pool.take()].map(
        ({ port }) => port,
      );
      expect(ports.toSorted()).toEqual([first + 2, first + 4, first + 6, first + 8]);
      firsts.add(ports[0]!);
      await expect(pool.take()).rejects.toThrow(MediaUnavailable);
      pool.close();
    }
    expect(firsts.size).toBeGreaterThan(1);
  });

  it('are used again when no other is left, those first that were given back first', async () => {
    pool = new PortPool(HOST, { first, last: first + 5 });
    const [one, two, three] = [await pool.take(), await pool.take(), await pool.take()];
    for (const pair of [two, three, one]) pool.giveBack(pair);
    expect([await pool.take(), await pool.take(), await pool.take()]).toEqual([two, three, one]);
    expect(pool.inUse).toBe(3);
  });

  it('rest after use while there are others', async () => {
    pool = new PortPool(HOST, { first, last: first + 3 });
    const used = await pool.take();
    pool.giveBack(used);
    expect((await pool.take()).port).not.toBe(used.port);
    expect((await pool.take()).port).toBe(used.port);
  });

  it('are never taken twice by those who ask at once', async () => {
    pool = new PortPool(HOST, { first, last: first + 39 });
    const pairs = await Promise.all(Array.from({ length: 20 }, () => pool.take()));
    expect(new Set(pairs.map(({ port }) => port)).size).toBe(20);
  });

  it('leave out what another process has', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(first + 3, HOST, resolve));
    try {
      pool = new PortPool(HOST, { first, last: first + 5 });
      const ports = [await pool.take(), await pool.take()].map(({ port }) => port);
      expect(ports.toSorted()).toEqual([first, first + 4]);
      await expect(pool.take()).rejects.toThrow(MediaUnavailable);
      await expect(pool.takeExactly(first + 2)).rejects.toThrow(MediaUnavailable);
    } finally {
      other.close();
    }
  });

  it('can be asked for one by one', async () => {
    pool = new PortPool(HOST, { first, last: first + 3 });
    const pair = await pool.takeExactly(first + 2);
    await expect(pool.takeExactly(first + 2)).rejects.toThrow(MediaUnavailable);
    pool.giveBack(pair);
    expect(await pool.takeExactly(first + 2)).toBe(pair);
    expect((await pool.take()).port).toBe(first);
  });

  it('are none on a host that is none of this machine', async () => {
    pool = new PortPool('192.0.2.1', { first, last: first + 9 });
    await expect(pool.take()).rejects.toThrow(MediaUnavailable);
  });
});
