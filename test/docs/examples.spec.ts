import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { answerShape } from '../support/answer-shape.js';
import { type CodeBlock, codeBlocks } from '../support/markdown.js';
import { ServiceProcess } from '../support/service-process.js';
import { NOT_RUN } from './examples/not-run.js';
import { PageRun } from './examples/page-run.js';
import { PAGES_WITH_EXAMPLES } from './examples/pages.js';

const ROOT = join(import.meta.dirname, '../..');
const RUNNABLE = new Set(['sh', 'ts']);
const SHOWN = new Set(['json', 'text']);

const isRun = ({ language, words }: CodeBlock) => RUNNABLE.has(language) && !words.includes('not-run');
const isAnswer = ({ language, words }: CodeBlock) => SHOWN.has(language) && words.length === 0;

interface Example {
  /** Where it is, and how it begins. */
  title: string;
  block: CodeBlock;
  /** What the page says that it prints. */
  answer?: CodeBlock;
}

const blocksOf = (page: string) => codeBlocks(readFileSync(join(ROOT, page), 'utf8'));
const beginning = ({ text }: CodeBlock) => text.split('\n')[0] ?? '';

function examplesOf(page: string): Example[] {
  const blocks = blocksOf(page);
  return blocks.flatMap((block, index) => {
    if (!isRun(block)) return [];
    const next = blocks[index + 1];
    const title = `${page}:${block.line}: ${beginning(block)}`.slice(0, 110);
    return [{ title, block, ...(next && isAnswer(next) && { answer: next }) }];
  });
}

describe.each(PAGES_WITH_EXAMPLES.filter((page) => examplesOf(page).length > 0))('%s', (page) => {
  const service = new ServiceProcess({});
  const examples = examplesOf(page);
  const corrections: { answer: CodeBlock; text: string }[] = [];
  const ids = { documented: [] as string[], real: [] as string[] };
  let run: PageRun;

  beforeAll(async () => {
    await service.start();
    const replacements = { 'http://127.0.0.1:3000': service.url };
    run = new PageRun(replacements, { DATA_DIR: service.dataDir });
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    run.close();
    if (process.env.UPDATE_DOCS) correct(page, corrections);
  });

  it.each(examples)(
    '$title',
    async ({ block, answer }) => {
      const printed = (await run.run(block)).trim();
      if (!answer) {
        // What an example prints is part of it.
        expect(printed).toBe('');
        return;
      }
      const isJson = answer.language === 'json';
      const read = (text: string): unknown => (isJson ? JSON.parse(text) : text.trim());
      const real = answerShape(read(printed), ids.real);
      const documented = answerShape(read(answer.text), ids.documented);
      if (!process.env.UPDATE_DOCS) expect(real).toEqual(documented);
      else if (!isDeepStrictEqual(real, documented))
        corrections.push({ answer, text: isJson ? JSON.stringify(read(printed), null, 2) : printed });
    },
    60_000,
  );
});

/** Puts today's answers into the page, from its end, so that the lines before stay where they are. */
function correct(page: string, corrections: { answer: CodeBlock; text: string }[]): void {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  for (const { answer, text } of corrections.toReversed())
    lines.splice(answer.line, answer.text.split('\n').length, ...text.split('\n'));
  writeFileSync(join(ROOT, page), lines.join('\n'));
}

describe('the blocks of the pages', () => {
  it('are run, shown as the answer of one that is run, or on the list of those that are not', () => {
    const found = PAGES_WITH_EXAMPLES.flatMap((page) => {
      const blocks = blocksOf(page);
      return blocks
        .filter((block, index) => {
          const before = blocks[index - 1];
          return !isRun(block) && !(isAnswer(block) && before && isRun(before));
        })
        .map((block) => `${page}: ${[block.language, ...block.words].join(' ')}: ${beginning(block)}`);
    });
    expect(found.toSorted()).toEqual(NOT_RUN.toSorted());
  });

  it('show a directory that the service reads', () => {
    const directories = PAGES_WITH_EXAMPLES.flatMap((page) =>
      blocksOf(page)
        .filter(({ words }) => words.includes('directory'))
        .map((block) => ({ page, block })),
    );
    expect(directories.map(({ page }) => page)).toEqual(['docs/operators.md', 'docs/operators.md']);
    for (const { page, block } of directories) {
      expect([...readDirectory(block.text, `${page}:${block.line}`).users()]).not.toEqual([]);
    }
  });
});
