import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { ClustersFile } from '../../support/broadworks/clusters-file.js';
import { StandIn } from '../../support/broadworks/stand-in.js';
import { buildService, ServiceProcess } from '../../support/service-process.js';
import { eventually } from '../../support/wait.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const certificate = join(folder, 'certificate.pem');
const key = join(folder, 'key.pem');

let standIn: StandIn;
let clusters: ClustersFile;
let service: ServiceProcess;
/** What has been read of the service. */
let bytes = 0;
const tunnels = new Set<TLSSocket>();
const front = createServer((socket) => {
  const behind = connect(Number(new URL(standIn.url).port), '127.0.0.1');
  tunnels.add(socket);
  socket.on('data', (data) => (bytes += data.length));
  for (const [from, to] of [
    [socket, behind],
    [behind, socket],
  ] as const)
    from.on('error', () => to.destroy()).pipe(to);
});

beforeAll(async () => {
  buildService();
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const name = ['-subj', '/CN=switch', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...curve, ...name, ...files], { stdio: 'pipe' });
  front.setSecureContext({ key: readFileSync(key), cert: readFileSync(certificate) });
  front.on('tlsClientError', () => undefined);
  standIn = await StandIn.start();
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as { port: number };
  clusters = new ClustersFile({ demo: `https://127.0.0.1:${port}` });
}, 60_000);
afterEach(() => service.stop());
afterAll(async () => {
  for (const socket of tunnels) socket.destroy();
  front.close();
  await standIn.stop();
  clusters.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('a switch behind TLS', () => {
  it('whose authority is trusted is asked, and tells of its calls', async () => {
    service = new ServiceProcess({ ...clusters.env, NODE_EXTRA_CA_CERTS: certificate });
    await service.start();
    await eventually(
      async () => {
        const { status } = (await (await fetch(`${service.url}/health/ready`)).json()) as { status: string };
        return status === 'ok' || undefined;
      },
      () => `the switch is not heard:\n${service.log}`,
    );
    const callId = await service.as('foouser').dial('+3212345678');
    expect(await service.as('foouser').only('Active')).toMatchObject({ callId });
    await service.as('foouser').release(callId);
  });

  it('that nobody vouches for is not asked, and is told no password', async () => {
    bytes = 0;
    service = new ServiceProcess(clusters.env);
    await service.start();
    const { status, body } = await service.as('foouser').send('POST', '', { phoneNumber: '+3212345678' });
    expect(status).toBe(503);
    expect(body).toMatchObject({ detail: expect.stringContaining('demo') });
    expect(bytes).toBe(0);
    expect((await standIn.look()).dials).toBe(1);
  });
});
