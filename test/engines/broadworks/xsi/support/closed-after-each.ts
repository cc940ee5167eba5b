import { XsiClient, type ClusterSettings } from '../../../../../src/engines/broadworks/xsi/xsi-client.js';
import { cluster, rawSwitch, scriptedSwitch } from './scripted-switch.js';

type Made<T extends (...args: never[]) => unknown> = Promise<Awaited<ReturnType<T>>>;

interface ClosedAfterEach {
  clientOf(port: number, settings?: Partial<ClusterSettings>): XsiClient;
  scripted(...args: Parameters<typeof scriptedSwitch>): Made<typeof scriptedSwitch>;
  raw(...args: Parameters<typeof rawSwitch>): Made<typeof rawSwitch>;
}

/** Makes the clients and servers of one test; they are closed when it ends. */
export function closedAfterEach(): ClosedAfterEach {
  const toClose: (() => Promise<void>)[] = [];
  const kept = <T extends { close(): Promise<void> }>(made: T): T => {
    toClose.push(() => made.close());
    return made;
  };

  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
  });

  return {
    clientOf: (port, settings) => kept(new XsiClient(cluster(port, settings))),
    scripted: async (...args) => kept(await scriptedSwitch(...args)),
    raw: async (...args) => kept(await rawSwitch(...args)),
  };
}

/** A port on which nobody listens. */
export async function nobody(): Promise<number> {
  const server = await rawSwitch(() => undefined);
  await server.close();
  return server.port;
}
