import { join } from 'node:path';
import type { BaresipPhone } from './baresip.js';
import { type DemoDevice, demoPhone } from './demo-phone.js';
import { type MediaKind, MediaNode } from './media-node.js';
import type { RestClient } from './rest-client.js';
import { RtpEar, type Voice } from './rtp-ear.js';
import { ServiceProcess } from './service-process.js';
import { SippTrunk, TRUNK } from './sipp.js';
import type { TRUNK_SCENARIOS } from './sipp-scenarios.js';

const USERS = ['foouser', 'baruser', 'bazuser'];
/** Of the phones and of the trunk. */
const RTP_PORTS = '20000-20499';

/** The service with a media node, real phones of its users, a trunk, and an ear on what reaches each of them. */
export class Office {
  service!: ServiceProcess;
  private node!: MediaNode;
  private ear!: RtpEar;
  private readonly phones: BaresipPhone[] = [];
  private readonly trunks: SippTrunk[] = [];

  constructor(
    private readonly media: MediaKind,
    private readonly env: Record<string, string> = {},
  ) {}

  async open(): Promise<void> {
    [this.node, this.ear] = await Promise.all([MediaNode.start(this.media), RtpEar.listen(RTP_PORTS)]);
    this.service = new ServiceProcess({
      SANDBOX: 'off',
      RING_TIMEOUT: '10s',
      SIP_TRUNK: `${TRUNK.host}:${TRUNK.port}`,
      ...this.env,
      ...this.node.env,
    });
    await this.service.start();
  }

  /** Resolves when it is registered. */
  async phone(device: DemoDevice, options: Parameters<typeof demoPhone>[2] = {}): Promise<BaresipPhone> {
    const phone = await demoPhone(device, this.service.sip, options);
    this.phones.push(phone);
    await phone.registered();
    return phone;
  }

  as(user: string): RestClient {
    return this.service.as(user);
  }

  /** What the trunk does with the next call. */
  trunk(scenario: keyof typeof TRUNK_SCENARIOS): SippTrunk {
    return this.withTrunk(SippTrunk.serves(scenario));
  }

  /** Its call is over when the test is. */
  withTrunk(trunk: SippTrunk): SippTrunk {
    this.trunks.push(trunk);
    return trunk;
  }

  /** Resolves when each hears the other's tone from now on. */
  async talk(one: Voice, other: Voice): Promise<void> {
    await Promise.all([this.ear.hears(one, other.toneHz), this.ear.hears(other, one.toneHz)]);
  }

  async hears(one: Voice, toneHz: number): Promise<void> {
    await this.ear.hears(one, toneHz);
  }

  async silent(...voices: Voice[]): Promise<void> {
    await Promise.all(voices.map((voice) => this.ear.hearsNothing(voice)));
  }

  get recordingsDir(): string {
    return join(this.service.dataDir, 'recordings');
  }

  /** As a power cut: the phone says nothing more. */
  async lose(phone: BaresipPhone): Promise<void> {
    await phone.kill();
    this.phones.splice(this.phones.indexOf(phone), 1);
    await phone.stop();
  }

  /** The next service on the same data, after a crash. */
  async crashAndRestart(): Promise<void> {
    const { port } = this.service.sip;
    await this.service.kill();
    await this.service.start({ SIP_PORT: String(port) });
  }

  /** Ends all calls. @throws Error where a phone, a user or the trunk still has one */
  async clear(): Promise<void> {
    for (const user of USERS.map((name) => this.as(name))) {
      for (const { callId } of await user.list()) await user.release(callId);
      await user.none();
    }
    await Promise.all(this.phones.map((phone) => phone.idle()));
    await Promise.all(this.trunks.splice(0).map((trunk) => trunk.done()));
    await Promise.all(this.phones.map((phone) => phone.answerMode('auto')));
  }

  async close(): Promise<void> {
    for (const trunk of this.trunks) trunk.stop();
    await Promise.all(this.phones.map((phone) => phone.stop()));
    await this.service.stop();
    await Promise.all([this.ear.stop(), this.node.stop()]);
  }
}
