import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-ports.js';
import { ownToken } from './own-token.js';
import { callsPath, RestClient } from './rest-client.js';
import { RtpEndpoint } from './rtp-endpoint.js';
import { ServiceProcess } from './service-process.js';
import { SipPhone } from './sip-phone.js';

export interface OfficeUser {
  id: string;
  extension: string;
  recordingMode?: string;
  /** Hz: its phone has audio, and says this. */
  tone?: number;
  /** Devices beside `LP_<id>`, by what their names begin with. */
  more?: string[];
}

const AT = '@sip.example.test';
const RTP_PORTS = 400;

/** The built service as a process, with a directory made for it and the phones of its users in this process. */
export class OutsidePhones {
  readonly service: ServiceProcess;
  private readonly env: Record<string, string>;
  private readonly byName = new Map<string, SipPhone>();
  private readonly voices = new Map<string, RtpEndpoint>();
  private readonly tokens = new Map<string, string>();

  constructor(
    private readonly users: OfficeUser[],
    env: Record<string, string>,
  ) {
    this.env = { SANDBOX: 'off', RING_TIMEOUT: '10s', ...env };
    this.service = new ServiceProcess(this.env);
  }

  async open(): Promise<void> {
    const { dataDir } = this.service;
    const file = join(dataDir, 'directory.yaml');
    const first = await freePorts(RTP_PORTS);
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ tenants: [{ id: 'foo', groups: [groupOf(this.users)] }] }));
    Object.assign(this.env, { DIRECTORY_FILE: file, RTP_PORTS: `${first}-${first + RTP_PORTS - 1}` });
    await this.restart();
    for (const { id, tone, more = [] } of this.users) {
      this.tokens.set(id, await ownToken(dataDir, { tenant: 'foo', group: 'foogroup', user: id }));
      const voice = tone === undefined ? undefined : await RtpEndpoint.open({ tone });
      if (voice) this.voices.set(id, voice);
      const options = voice ? { audio: voice } : {};
      for (const name of ['LP', ...more].map((prefix) => `${prefix}_${id}`))
        this.byName.set(name, await SipPhone.register(name, this.service.sip, options));
    }
  }

  /** With the same data and ports. */
  async restart(): Promise<void> {
    const { url, sip } = this.service;
    const ports = url ? { PORT: new URL(url).port, SIP_PORT: String(sip.port) } : {};
    await this.service.start({ ...this.env, ...ports });
  }

  async close(): Promise<void> {
    await Promise.all([...this.byName.values()].map((phone) => phone.stop()));
    await Promise.all([...this.voices.values()].map((voice) => voice.close()));
    await this.service.stop();
  }

  get recordingsDir(): string {
    return join(this.service.dataDir, 'recordings');
  }

  phone(user: string, prefix = 'LP'): SipPhone {
    return known(this.byName, `${prefix}_${user}`);
  }

  voice(user: string): RtpEndpoint {
    return known(this.voices, user);
  }

  token(user: string): string {
    return known(this.tokens, user);
  }

  as(user: string): RestClient {
    return new RestClient(() => this.service.url + pathOf(user), this.token(user));
  }

  /** Its audio goes to where its phone was told last. */
  speak(user: string): void {
    const { port } = this.phone(user).talk();
    this.voice(user).sendTo(
      `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`,
    );
  }
}

export function pathOf(user: string): string {
  return callsPath({ tenant: 'foo', group: 'foogroup', user });
}

function groupOf(users: OfficeUser[]) {
  return {
    id: 'foogroup',
    country: 'BE',
    extensionLength: 4,
    imrnPool: ['+3212345690'],
    users: users.map(({ id, extension, recordingMode = 'Never', more = [] }) => ({
      id,
      extension,
      recordingMode,
      devices: ['LP', ...more].map((prefix) => ({
        addressOfRecord: `${prefix}_${id}${AT}`,
        password: `${prefix}_${id}-secret`,
      })),
    })),
  };
}

function known<T>(map: Map<string, T>, name: string): T {
  const found = map.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}
