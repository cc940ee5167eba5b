import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from './markdown.js';

/** The line that the README gives to baresip. @throws Error when it is not there */
export function documentedAccount(): string {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const block = codeBlocks(readme).find(({ words }) => words.includes('baresip-account'));
  if (!block) throw new Error('README.md has no block "baresip-account"');
  return block.text;
}

/** What the line says, by the names of baresip. @throws Error when it is no such line */
export function accountParts(line: string) {
  const [, user, domain, password, proxy] =
    /^<sip:([^@;]+)@([^;>]+)[^>]*>;.*?auth_pass=([^;]+);.*?outbound="(sip:[^;"]+)/.exec(line) ?? [];
  if (!user || !domain || !password || !proxy) throw new Error(`no account of baresip: ${line}`);
  return { user, domain, password, proxy };
}
