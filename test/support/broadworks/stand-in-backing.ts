import type { ContractBacking, ContractPhone, PhoneScript } from '../contract-backing.js';
import { SandboxService } from '../sandbox-service.js';
import { ClustersFile } from './clusters-file.js';
import { type PhoneDoes, StandIn } from './stand-in.js';
import { StandInPhone } from './stand-in-phone.js';

/** The other phone of the same user. */
const BESIDE: Record<string, string> = { LP_foouser: 'MB_foouser', MB_foouser: 'LP_foouser' };

/** The engine of a switch outside, with the stand-in in its place: a process of its own for each service. */
export class StandInBacking implements ContractBacking {
  private started: SandboxService | undefined;
  private standIn: StandIn | undefined;
  private clusters: ClustersFile | undefined;
  private readonly phones = new Map<string, StandInPhone>();
  /** What phones did before the test, by their addresses. */
  private readonly before = new Map<string, PhoneDoes>();

  constructor(private readonly env: Record<string, string>) {}

  async start(): Promise<void> {
    this.standIn = await StandIn.start();
    // Recordings are the switch's: what keeps this service from writing some is to keep the switch from it.
    if (this.env.RECORDINGS_DIR !== undefined) await this.standIn.recordingFails(true);
    this.clusters = new ClustersFile({ demo: this.standIn.url });
    this.started = new SandboxService({ ...this.clusters.env, ...this.env });
    await this.started.start();
  }

  /** As in the sandbox, where a real phone rings alone, the other one of the user does not answer meanwhile. */
  async phone(device: string, script?: PhoneScript): Promise<ContractPhone> {
    const standIn = this.running;
    const address = addressOf(device);
    await this.keep(address);
    const beside = BESIDE[device];
    if (beside !== undefined && !this.phones.has(addressOf(beside))) {
      await this.keep(addressOf(beside));
      await standIn.phoneDoes(addressOf(beside), { does: 'rings' });
    }
    const phone = await StandInPhone.instead(standIn, address, script);
    this.phones.set(address, phone);
    return phone;
  }

  async clear(): Promise<void> {
    for (const phone of this.phones.values()) await phone.settled();
    this.phones.clear();
    for (const [address, does] of this.before) await this.running.phoneDoes(address, does);
    this.before.clear();
  }

  async close(): Promise<void> {
    await this.started?.close();
    await this.standIn?.stop();
    this.clusters?.remove();
  }

  get service(): SandboxService {
    if (!this.started) throw new Error('The service is not started');
    return this.started;
  }

  private get running(): StandIn {
    if (!this.standIn) throw new Error('The stand-in is not started');
    return this.standIn;
  }

  private async keep(address: string): Promise<void> {
    if (this.before.has(address)) return;
    const { does, afterMs } = await this.running.lookAt(address);
    this.before.set(address, { does, ...(afterMs !== undefined && { afterMs }) });
  }
}

function addressOf(device: string): string {
  return `${device}@sip.example.test`;
}
