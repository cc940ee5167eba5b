import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const AUDIT = join(import.meta.dirname, '../../scripts/audit.mjs');

/** `npm run audit` with a registry that answers so, and has version 1.0.0 of every package. */
async function audit(status: number, answer: object): Promise<{ code: number; said: string }> {
  const registry = createServer((request, response) => {
    request.resume();
    const name = request.url!.slice(1);
    const about =
      request.method === 'GET' ? { name, versions: { '1.0.0': { name, version: '1.0.0' } } } : answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(about));
  });
  await new Promise<void>((listening) => registry.listen(0, '127.0.0.1', listening));
  const { port } = registry.address() as AddressInfo;
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${port}`,
    npm_config_fetch_retries: '0',
  };
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [AUDIT], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
      );
    });
  } finally {
    registry.close();
  }
}

describe('the check for known vulnerabilities', () => {
  it('passes when the registry knows none', async () => {
    expect(await audit(200, {})).toEqual({
      code: 0,
      said: 'audit: 0 known vulnerabilities in production packages\n',
    });
  }, 30_000);

  it('fails when the registry knows one, and names it', async () => {
    const advisory = { id: 1, url: 'https://advisories.test/1', title: 'Hole', severity: 'high' };
    const { code, said } = await audit(200, { pg: [{ ...advisory, vulnerable_versions: '>=0' }] });
    expect(said).toContain('high: pg');
    expect(said).toContain('Hole https://advisories.test/1');
    expect(code).toBe(1);
  }, 30_000);

  it('passes, but says loudly that nothing was checked, when the registry does not answer that question', async () => {
    const { code, said } = await audit(405, { error: 'not offered' });
    expect(said).toContain('VULNERABILITIES WERE NOT CHECKED');
    expect(code).toBe(0);
  }, 30_000);
});
