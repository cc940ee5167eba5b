import type { ContractBacking, ContractPhone, PhoneScript } from './contract-backing.js';
import { SandboxService } from './sandbox-service.js';
import { SipPhone } from './sip-phone.js';

/** The SIP engine, with SIP phones beside the virtual ones. */
export class SipBacking implements ContractBacking {
  readonly service: SandboxService;
  private readonly phones = new Set<SipPhone>();

  constructor(env: Record<string, string>) {
    this.service = new SandboxService({ RING_TIMEOUT: '5s', TRANSFER_TIMEOUT: '5s', ...env });
  }

  start(): Promise<void> {
    return this.service.start();
  }

  async phone(device: string, script?: PhoneScript): Promise<ContractPhone> {
    const phone = await SipPhone.register(device, this.service.sip);
    if (script) phone.onInvite = script(phone);
    this.phones.add(phone);
    return phone;
  }

  async clear(): Promise<void> {
    for (const phone of this.phones) {
      await phone.sendRegister('0');
      await phone.stop();
    }
    this.phones.clear();
  }

  async close(): Promise<void> {
    await Promise.all([...this.phones].map((phone) => phone.stop()));
    await this.service.close();
  }
}
