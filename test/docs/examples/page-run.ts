import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { CodeBlock } from '../../support/markdown.js';
import { requireDebian } from '../../support/debian.js';

const ROOT = join(import.meta.dirname, '../../..');
const PATIENCE_MS = 40_000;

/** What a page's shell blocks leave to those behind them: variables in capitals, and functions. */
const VARIABLE = /^(?:export )?([A-Z][A-Z0-9_]*)=/gm;
const FUNCTION = /^([a-z_]+)\(\) *\{/gm;

/** The blocks of one page, run one after the other as a reader would, against a service of their own. */
export class PageRun {
  private readonly folder = mkdtempSync(join(tmpdir(), 'page-'));
  private readonly variables = new Set<string>();
  private readonly functions = new Set<string>();

  /**
   * @param replacements what a page says, and what stands for it in the test
   * @param environment of the shell
   */
  constructor(
    private readonly replacements: Record<string, string>,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    requireDebian('/usr/bin/curl', 'curl');
    requireDebian('/bin/bash', 'bash');
    writeFileSync(this.state, '');
  }

  /** @returns what the block prints @throws Error with what it said when it fails */
  run({ language, text, words }: CodeBlock): Promise<string> {
    const code = Object.entries(this.replacements).reduce(
      (all, [documented, real]) => all.replaceAll(documented, real),
      text,
    );
    if (language === 'ts') return this.typescript(code, words[0] ?? 'example.ts');
    for (const [, name = ''] of code.matchAll(VARIABLE)) this.variables.add(name);
    for (const [, name = ''] of code.matchAll(FUNCTION)) this.functions.add(name);
    return this.shell(`${code}\n${this.keep}`, ROOT);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A file beside the ones before it, which it may import; it sees the exported variables of the shell. */
  private typescript(code: string, file: string): Promise<string> {
    writeFileSync(join(this.folder, file), code);
    return this.shell(`node --no-warnings ${file}`, this.folder);
  }

  private shell(script: string, cwd: string): Promise<string> {
    const env = {
      ...this.environment,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: this.folder,
    };
    const options = { env, cwd, timeout: PATIENCE_MS, encoding: 'utf8' } as const;
    return new Promise((resolve, reject) => {
      execFile(
        '/bin/bash',
        ['-euo', 'pipefail', '-c', `. ${this.state}\n${script}`],
        options,
        (error, out, complaint) => {
          if (error) reject(new Error(`${script}\nhas failed: ${error.message}\n${out}${complaint}`));
          else resolve(out);
        },
      );
    });
  }

  private get keep(): string {
    const declared = [
      ...[...this.variables].map((name) => `declare -p ${name}`),
      ...[...this.functions].map((name) => `declare -f ${name}`),
    ];
    return `{ ${[...declared, ':'].join('; ')}; } > ${this.state}`;
  }

  private get state(): string {
    return join(this.folder, 'state.sh');
  }
}
