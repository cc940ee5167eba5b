import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { codeBlocks } from '../support/markdown.js';
import { PAGES_WITH_EXAMPLES } from './examples/pages.js';

const ROOT = join(import.meta.dirname, '../..');

describe('the TypeScript of the pages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'typed-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has no mistake of types, and nothing that Node cannot leave out', () => {
    const files = PAGES_WITH_EXAMPLES.flatMap((page) =>
      codeBlocks(readFileSync(join(ROOT, page), 'utf8'))
        .filter(({ language }) => language === 'ts')
        .map(({ words, text, line }) => {
          const file = join(folder, words[0] ?? `line${line}.ts`);
          writeFileSync(file, text);
          return file;
        }),
    );
    expect(files).not.toEqual([]);
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts'],
      module: ts.ModuleKind.NodeNext,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    });
    const found = ts.getPreEmitDiagnostics(program);
    const complaints = found.map(({ file, messageText }) =>
      [file?.fileName, ts.flattenDiagnosticMessageText(messageText, ' ')].join(': '),
    );
    expect(complaints).toEqual([]);
  }, 60_000);
});
