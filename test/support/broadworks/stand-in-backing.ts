import type { ContractBacking, ContractPhone, PhoneScript } from '../contract-backing.js';
import { SandboxService } from '../sandbox-service.js';
import { ClustersFile } from './clusters-file.js';
import { StandIn } from './stand-in.js';
import { StandInPhone } from './stand-in-phone.js';

/** The engine of a switch outside, with the stand-in in its place: a process of its own for each service. */
export class StandInBacking implements ContractBacking {
  service!: SandboxService;
  private standIn: StandIn | undefined;
  private clusters: ClustersFile | undefined;
  private readonly phones = new Set<StandInPhone>();

  constructor(private readonly env: Record<string, string>) {}

  async start(): Promise<void> {
    this.standIn = await StandIn.start();
    // Recordings are the switch's: what keeps this service from writing some is to keep the switch from it.
    if (this.env.RECORDINGS_DIR !== undefined) await this.standIn.recordingFails(true);
    this.clusters = new ClustersFile({ demo: this.standIn.url });
    this.service = new SandboxService({ ...this.clusters.env, ...this.env });
    await this.service.start();
  }

  async phone(device: string, script?: PhoneScript): Promise<ContractPhone> {
    if (!this.standIn) throw new Error('The stand-in is not started');
    const phone = await StandInPhone.instead(this.standIn, device, script);
    this.phones.add(phone);
    return phone;
  }

  async clear(): Promise<void> {
    for (const phone of this.phones) await phone.leave();
    this.phones.clear();
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.standIn?.stop();
    this.clusters?.remove();
  }
}
