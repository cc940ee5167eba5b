import { Client } from 'pg';
import type { Call } from '#service/calls/domain/call.js';
import type { CallFact } from '#service/calls/domain/call-fact.js';
import { Child } from './support/child.ts';
import { findPgbench, runPgbench, writeScript } from './support/pgbench.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type Figure, median, medianRatio, type Part, progress, rounded } from './support/report.ts';
import { Workspace } from './support/workspace.ts';

const CALLERS = 64;

export const store: Part = {
  title: 'Durable store cycles: a call inserted and changed four times with its events, 64 callers at once',
  run: async (quick) => {
    const pgbench = findPgbench();
    const workspace = new Workspace();
    try {
      return await measure(workspace, pgbench, quick);
    } finally {
      await workspace.end();
    }
  },
};

async function measure(workspace: Workspace, pgbench: string, quick: boolean): Promise<Figure[]> {
  const postgres = workspace.keep(await startPostgres(workspace.path('postgres')));
  const opened = async (kind: string, where: string) => {
    const child = workspace.keep(new Child('processes/store-cycles.ts', { args: [kind, where] }));
    await child.printed(/ready/);
    return child;
  };
  // The repository makes the tables that pgbench writes to as well.
  const batched = await opened('postgres', await postgres.database('calls'));
  const databaseUrl = await postgres.database('pgbench');
  await (await opened('postgres', databaseUrl)).stop();
  const sqlite = await opened('sqlite', workspace.path('sqlite'));
  const each = await opened('commit-each', workspace.path('each'));
  const [script, fused] = [workspace.path('cycle.sql'), workspace.path('fused.sql')];
  const example = await batched.ask<{ call: Call; fact: CallFact }[]>('example');
  writeScript(script, example, false);
  writeScript(fused, example, true);

  const seconds = quick ? 1 : 4;
  const cycles = async (child: Child, callers: number) =>
    (await child.ask<number>('run', { callers, milliseconds: seconds * 1_000 })) / seconds;
  const contenders = {
    pgbench: () => runPgbench(pgbench, postgres, { database: 'pgbench', script, seconds }),
    'pgbench, fused': () => runPgbench(pgbench, postgres, { database: 'pgbench', script: fused, seconds }),
    PostgreSQL: () => cycles(batched, CALLERS),
    'SQLite, a commit each': () => cycles(each, 1),
    SQLite: () => cycles(sqlite, CALLERS),
  };
  const perSecond = {
    pgbench: [],
    'pgbench, fused': [],
    PostgreSQL: [],
    'SQLite, a commit each': [],
    SQLite: [],
  } as Record<keyof typeof contenders, number[]>;
  const names = Object.keys(contenders) as (keyof typeof contenders)[];
  for (const name of names) await contenders[name]();
  const rounds = quick ? 2 : 5;
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) perSecond[name].push(await contenders[name]());
    const shown = names.map((name) => `${name} ${rounded(perSecond[name].at(-1) ?? 0)}/s`);
    progress(`round ${round} of ${rounds}: ${shown.join(', ')}`);
  }
  await checkWritten(databaseUrl);
  return [
    {
      name: 'PostgreSQL, of pgbench with 16 clients and a commit per change',
      value: medianRatio(perSecond.PostgreSQL, perSecond.pgbench),
      target: { at: 'least', value: 2 },
    },
    {
      name: 'PostgreSQL, of the same pgbench with each change and its event fused into one statement',
      value: medianRatio(perSecond.PostgreSQL, perSecond['pgbench, fused']),
    },
    {
      name: 'SQLite with synchronous=FULL, of a commit per change',
      value: medianRatio(perSecond.SQLite, perSecond['SQLite, a commit each']),
      target: { at: 'least', value: 4 },
    },
    ...names.map((name) => ({ name: `${name}, cycles per second`, value: median(perSecond[name]) })),
  ];
}

/** Whether pgbench did the work that it is compared for. */
async function checkWritten(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ calls: number; events: number }>(
    `SELECT (SELECT count(*)::int FROM calls WHERE document LIKE '%"version":5%' AND state = 'Released') AS calls,
            (SELECT count(*)::int FROM call_events) AS events`,
  );
  await client.end();
  const [{ calls, events } = { calls: 0, events: 0 }] = rows;
  if (calls === 0 || events < 5 * calls)
    throw new Error(`pgbench wrote ${calls} whole calls, ${events} events`);
}
