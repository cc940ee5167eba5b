import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const NOT_OURS = /^(?:node_modules|dist|data|coverage|\.git)(?:\/|$)/;

/** Paths of all Markdown files of the repository. */
export function allPages(): string[] {
  const found = readdirSync(ROOT).filter((name) => !NOT_OURS.test(name));
  return found.flatMap((name) =>
    name.endsWith('.md')
      ? [name]
      : ['docs', 'deploy', 'test', 'bench', 'src'].includes(name)
        ? readdirSync(join(ROOT, name), { recursive: true, encoding: 'utf8' })
            .filter((path) => path.endsWith('.md'))
            .map((path) => join(name, path))
        : [],
  );
}

/** The pages whose examples are run: those for readers, and not those that are written by a test anyway. */
export const PAGES_WITH_EXAMPLES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/integrators.md',
  'docs/operators.md',
  'docs/contributors.md',
];
