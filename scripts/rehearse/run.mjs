/**
 * Rehearses the image and docker-compose.yml where there is no Docker engine: carries the steps of the Dockerfile out
 * in a clean folder, then plays the services of the compose file in a network of their own. Needs root on Debian, and
 * its package rtpengine-daemon. What stands for the base images is the machine's Debian with Node from npm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, makePrograms } from './build.mjs';

const project = join(import.meta.dirname, '../..');
const say = (line) => console.log(`rehearsal: ${line}`);

if (process.getuid() !== 0) throw new Error('The rehearsal needs root: it mounts, and runs as another user.');
if (!existsSync('/usr/bin/rtpengine')) throw new Error('apt-get install -y rtpengine-daemon');

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
try {
  const programs = join(folder, 'programs');
  makePrograms(programs, process.execPath);
  const began = Date.now();
  const image = await buildImage({ project, folder, programs, say });
  say(`the image is built, ${Math.round((Date.now() - began) / 1000)} s`);
  writeFileSync(join(folder, 'image.json'), JSON.stringify({ ...image, programs, folder, project }));
  const play = ['--net', process.execPath, join(import.meta.dirname, 'play.mjs'), join(folder, 'image.json')];
  const { status } = spawnSync('unshare', play, { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
