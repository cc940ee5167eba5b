/** Runs a command as a container would: a root of its own, namespaces for mounts and processes, no privileges. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** In the place of the base image: the machine's own Debian, read-only, with another folder of programs on top. */
const FROM_MACHINE = ['usr'];
const ETC = [
  'alternatives',
  'group',
  'hosts',
  'ld.so.cache',
  'nsswitch.conf',
  'passwd',
  'resolv.conf',
  'ssl/certs',
];
const LINKS = ['bin', 'sbin', 'lib', 'lib64'];

/** As PID 1 of its namespace, in the order in which mounts hide each other. */
const ENTER = `
set -e
root=$1 programs=$2 readonly=$3 user=$4 cwd=$5 binds=$6; shift 6
mount --bind "$root" "$root"
for folder in ${FROM_MACHINE.join(' ')}; do
  mount --bind "/$folder" "$root/$folder"; mount -o remount,bind,ro "$root/$folder"
done
mount --bind "$programs" "$root/usr/local/bin"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
for bind in $binds; do mount --bind "\${bind%%:*}" "$root\${bind#*:}"; done
[ "$readonly" = no ] || mount -o remount,bind,ro "$root"
[ "$user" != 0:0 ] || exec chroot "$root" env --chdir="$cwd" "$@"
exec chroot "$root" setpriv --reuid="\${user%:*}" --regid="\${user#*:}" --clear-groups --no-new-privs \\
  --inh-caps=-all --bounding-set=-all env --chdir="$cwd" "$@"
`;

/** A new, empty root in the folder. */
export function makeRoot(folder) {
  for (const name of [...FROM_MACHINE, 'dev', 'proc', 'tmp'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of LINKS) symlinkSync(`usr/${name}`, join(folder, name));
  for (const name of ETC.filter((each) => existsSync(join('/etc', each))))
    cpSync(join('/etc', name), join(folder, 'etc', name), {
      recursive: true,
      verbatimSymlinks: name !== 'resolv.conf',
      dereference: name === 'resolv.conf',
    });
}

/** A running command; its output is kept in `log`, and shown when `show` is set. */
export class Container {
  log = '';

  /**
   * @param {{ root: string, programs: string, argv: string[], env: Record<string, string>, cwd: string, user: string,
   *   readOnly?: boolean, binds?: Record<string, string>, show?: boolean }} options binds: folder of the machine to path
   */
  constructor({ root, programs, argv, env, cwd, user, readOnly = true, binds = {}, show = false }) {
    for (const to of Object.values(binds)) mkdirSync(join(root, to), { recursive: true });
    const mounts = Object.entries(binds).map(([from, to]) => `${from}:${to}`);
    const inside = [root, programs, readOnly ? 'yes' : 'no', user, cwd, mounts.join(' '), ...argv];
    const namespaces = ['--mount', '--propagation=private', '--pid', '--fork', '--kill-child'];
    this.process = spawn('unshare', [...namespaces, 'sh', '-c', ENTER, 'enter', ...inside], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/tmp', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', (chunk) => {
        this.log += chunk;
        if (show) process.stdout.write(chunk);
      });
    }
    this.ended = once(this.process, 'close').then(([code]) => code);
  }

  /** To PID 1, as a container engine does; resolves with the exit code. */
  async signal(name) {
    const { pid } = this.process;
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
    process.kill(child, name);
    return this.ended;
  }

  get running() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }
}

/** @throws Error with the output when the command fails */
export async function runContainer(options) {
  const container = new Container(options);
  const code = await container.ended;
  if (code !== 0) throw new Error(`"${options.argv.join(' ')}" ended with ${code}:\n${container.log}`);
  return container.log;
}
