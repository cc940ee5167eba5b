/**
 * Known vulnerabilities of the production packages, by `npm audit`. Not every registry answers that question: where it
 * does not, this says so and ends well, since nothing is known to be wrong.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const args = ['audit', '--omit=dev', '--omit=optional', '--json'];
const { stdout, stderr } = spawnSync('npm', args, { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' });

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const { metadata, vulnerabilities = {}, message, error } = read(stdout);
if (!metadata?.vulnerabilities) {
  const reason = message ?? error?.summary ?? stderr.split('\n').find((line) => line.trim()) ?? 'no answer';
  console.error(`
********************************************************************************
  VULNERABILITIES WERE NOT CHECKED: this registry does not answer npm audit.
  Run "npm run audit" where one does, before a release.
  (${reason.replaceAll(/\bhttps?:\/\/[^/\s]+/g, '').slice(0, 200)})
********************************************************************************
`);
} else {
  for (const { name, severity, range, via } of Object.values(vulnerabilities)) {
    const why = via.map((each) => (typeof each === 'string' ? each : `${each.title} ${each.url}`)).join('; ');
    console.error(`${severity}: ${name} ${range}: ${why}`);
  }
  const { total } = metadata.vulnerabilities;
  console.log(`audit: ${total} known vulnerabilities in production packages`);
  process.exitCode = total > 0 ? 1 : 0;
}
