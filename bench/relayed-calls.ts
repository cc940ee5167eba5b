import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './support/child.ts';
import { startRtpengine } from './support/rtpengine.ts';
import { type Figure, median, medianRatio, type Part, progress, rounded } from './support/report.ts';
import { Workspace } from './support/workspace.ts';
import type { Heard } from './processes/rtp-load.ts';

const CALLS = 50;

export const relayedCalls: Part = {
  title: `${CALLS} recorded calls of G.711, through the relay and through rtpengine`,
  run: async (quick) => {
    const workspace = new Workspace();
    try {
      return await measure(workspace, quick);
    } finally {
      await workspace.end();
    }
  },
};

async function measure(workspace: Workspace, quick: boolean): Promise<Figure[]> {
  const folders = { relay: workspace.path('relay'), rtpengine: workspace.path('rtpengine') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const relay = workspace.keep(new Child('processes/relay.ts', { args: [folders.relay] }));
  await relay.printed(/ready/);
  const rtpengine = workspace.keep(await startRtpengine(folders.rtpengine));
  const load = workspace.keep(new Child('processes/rtp-load.ts'));
  await load.printed(/ready/);

  const ports = await load.ask<number[]>('open', CALLS);
  const targets = {
    direct: ports.map((_, at) => ports[at ^ 1]!),
    relay: await relay.ask<number[]>('connect', ports),
    rtpengine: await rtpengine.connect(ports),
  };
  const cpu = {
    direct: () => 0,
    relay: async () => (await relay.usage()).cpu,
    rtpengine: () => rtpengine.cpu(),
  };
  const seconds = quick ? 2 : 10;
  const rounds = quick ? 2 : 5;
  const names = ['direct', 'relay', 'rtpengine'] as const;
  const heard = { direct: [], relay: [], rtpengine: [] } as Record<(typeof names)[number], Heard[]>;
  const shares = { direct: [], relay: [], rtpengine: [] } as Record<(typeof names)[number], number[]>;
  for (const name of names) await load.ask('run', { targets: targets[name], seconds: 1 });
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const before = await cpu[name]();
      heard[name].push(await load.ask<Heard>('run', { targets: targets[name], seconds }));
      shares[name].push(((await cpu[name]()) - before) / (seconds * 1e6));
    }
    const shown = names.map((name) => {
      const { lost, p99 } = heard[name].at(-1)!;
      return `${name} p99 ${rounded(p99)} ms, lost ${lost}, CPU ${rounded(100 * shares[name].at(-1)!)} %`;
    });
    progress(`round ${round} of ${rounds}: ${shown.join('; ')}`);
  }
  for (const folder of Object.values(folders)) checkRecorded(folder, seconds * rounds);

  const lost = (name: (typeof names)[number]) => heard[name].reduce((sum, each) => sum + each.lost, 0);
  const added = (name: 'relay' | 'rtpengine') =>
    median(heard[name].map(({ p99 }, round) => p99 - heard.direct[round]!.p99));
  return [
    { name: 'packets lost', value: lost('relay'), target: { at: 'most', value: 0 } },
    { name: 'p99 of the added delay', value: added('relay'), unit: 'ms', target: { at: 'most', value: 5 } },
    {
      name: 'CPU, of rtpengine',
      value: medianRatio(shares.relay, shares.rtpengine),
      target: { at: 'most', value: 1.5 },
    },
    { name: 'CPU of the relay', value: 100 * median(shares.relay), unit: '% of a core' },
    { name: 'CPU of rtpengine', value: 100 * median(shares.rtpengine), unit: '% of a core' },
    { name: 'rtpengine, packets lost', value: lost('rtpengine') },
    { name: 'rtpengine, p99 of the added delay', value: added('rtpengine'), unit: 'ms' },
  ];
}

/** Whether all the audio was written: 8,000 bytes per second and party at least. */
function checkRecorded(folder: string, seconds: number): void {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(wav|pcap)$/.test(entry.name))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
  const wanted = 2 * 8_000 * seconds;
  if (bytes.filter((size) => size >= wanted).length !== CALLS)
    throw new Error(`${folder} has not ${CALLS} recordings of ${wanted} bytes`);
}
