import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const MAX_LINES = 300;
/** Long files say why where they turn the linter's rule off, in their first comment. */
const REASON = /^\/\* oxlint-disable max-lines -- \S.{10,} \*\/\n/;

const files = ['src', 'test', 'bench', 'scripts', 'broadworks-stand-in'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => {
      const path = join(folder, name);
      return { path, text: readFileSync(join(ROOT, path), 'utf8') };
    }),
);

const pathsWhere = (bad: (file: { path: string; text: string }) => boolean) =>
  files.filter(bad).map(({ path }) => path);

describe('The files of src, test, bench, scripts and broadworks-stand-in', () => {
  it('are there', () => {
    expect(pathsWhere(({ path }) => path === 'src/main.ts')).toEqual(['src/main.ts']);
  });

  it(`have at most ${MAX_LINES} lines, or begin with the reason why not`, () => {
    expect(pathsWhere(({ text }) => text.split('\n').length - 1 > MAX_LINES && !REASON.test(text))).toEqual(
      [],
    );
  });

  it('are never barrels', () => {
    expect(pathsWhere(({ path }) => /^index\.m?[jt]s$/.test(basename(path)))).toEqual([]);
  });

  it('leave no test out', () => {
    const leftOut =
      /\b(?:it|test|describe)(?:\.each)?\.(?:only|skip|todo|failing)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/;
    expect(pathsWhere(({ text }) => leftOut.test(text))).toEqual([]);
  });

  it('leave no work for later', () => {
    expect(pathsWhere(({ text }) => /\b(?:TO(?:DO)|FIX(?:ME)|XX(?:X))\b/.test(text))).toEqual([]);
  });
});
