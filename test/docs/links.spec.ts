import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { anchors, links } from '../support/markdown.js';
import { allPages } from './examples/pages.js';

const ROOT = join(import.meta.dirname, '../..');

/** What a link misses, or undefined. */
function missing(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), decodeURIComponent(path)));
  if (file.startsWith('..')) return `${file} is outside of the repository`;
  if (!existsSync(join(ROOT, file))) return `${file} does not exist`;
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md')) return `${file} is no page with headings`;
  return anchors(readFileSync(join(ROOT, file), 'utf8')).includes(anchor)
    ? undefined
    : `${file} has no heading ${anchor}`;
}

describe('the links of the pages', () => {
  it.each(allPages())('%s: each points at a file or heading that is there', (page) => {
    const broken = links(readFileSync(join(ROOT, page), 'utf8'))
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .flatMap(({ target, line }) => {
        const what = missing(page, target);
        return what === undefined ? [] : [`${page}:${line}: ${target}: ${what}`];
      });
    expect(broken).toEqual([]);
  });
});
