import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_DIRECTORY_FILE } from '../../../src/directory/yaml/yaml-directory.js';

/** What the stand-in lets in. */
export const ADMINISTRATOR = { username: 'admin', password: 'admin-secret' };

/** The files of a service before switches outside: where each cluster is, and which tenant is on which. */
export class ClustersFile {
  private readonly folder = mkdtempSync(join(tmpdir(), 'clusters-'));
  /** Of the service. */
  readonly env: Record<string, string>;

  /**
   * @param urls of the clusters by id; the demo directory's is `demo`
   * @param barOn the cluster that tenant bar is on, where it is another one
   */
  constructor(urls: Record<string, string>, { barOn, timeout }: { barOn?: string; timeout?: string } = {}) {
    const clusters = Object.entries(urls).map(([id, url]) => ({
      id,
      url,
      ...ADMINISTRATOR,
      ...(timeout !== undefined && { timeout }),
    }));
    // JSON is YAML.
    this.env = {
      ENGINE: 'broadworks',
      BROADWORKS_FILE: this.write('clusters.yaml', JSON.stringify({ clusters })),
    };
    if (barOn !== undefined) this.env.DIRECTORY_FILE = this.write('directory.yaml', directoryWith(barOn));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }
}

function directoryWith(barOn: string): string {
  return readFileSync(DEMO_DIRECTORY_FILE, 'utf8').replace(
    /(switchDomain: bar\.example\n\s+cluster:) demo/,
    `$1 ${barOn}`,
  );
}
