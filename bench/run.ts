/** `npm run bench [-- a b c d e f] [--quick]`: figures against their targets. Nothing here fails a build. */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figure, lineOf, met, type Part } from './support/report.ts';
import { dialThroughSwitch } from './dial-through-switch.ts';
import { fullCycles } from './full-cycles.ts';
import { memory } from './memory.ts';
import { relayedCalls } from './relayed-calls.ts';
import { readACall } from './read-a-call.ts';
import { store } from './store.ts';

const PARTS: Record<string, Part> = {
  a: readACall,
  b: fullCycles,
  c: store,
  d: memory,
  e: relayedCalls,
  f: dialThroughSwitch,
};

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`No part "${unknown.join('", "')}"; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}

console.log(
  `Node ${process.version}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB${values.quick ? ', quick: the figures mean little' : ''}`,
);
const failed: string[] = [];
const results: { title: string; figures: Figure[] }[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const { title, run } = PARTS[name] as Part;
  console.log(`\n(${name}) ${title}`);
  try {
    results.push({ title: `(${name}) ${title}`, figures: await run(values.quick) });
  } catch (error) {
    console.error(
      `(${name}) could not run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    failed.push(name);
  }
}

console.log('\nResults');
for (const { title, figures } of results) {
  console.log(title);
  for (const figure of figures) console.log(lineOf(figure));
}
const missed = results.flatMap(({ figures }) => figures).filter((figure) => !met(figure)).length;
console.log(missed === 0 ? 'No target is missed.' : `Targets missed: ${missed}.`);
if (failed.length > 0) console.log(`Parts that could not run: ${failed.join(', ')}.`);
process.exit(failed.length > 0 ? 1 : 0);
