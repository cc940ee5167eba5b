import type { ContractPhone, PhoneScript } from '../contract-backing.js';
import { eventually } from '../wait.js';
import type { PhoneDoes, PhoneLook, StandIn } from './stand-in.js';

/** What the stand-in counts of a request to a phone. */
const COUNTS = { INVITE: 'rung', BYE: 'ended' } as const satisfies Record<string, keyof PhoneLook>;

/** A phone of the stand-in. It is told beforehand what to do with calls, so its script is played before the first. */
export class StandInPhone implements ContractPhone {
  private does: PhoneDoes = { does: 'answers', afterMs: 0 };
  private pressed = Promise.resolve();

  private constructor(
    private readonly standIn: StandIn,
    readonly address: string,
    /** As it was when the test took it. */
    private readonly before: PhoneLook,
  ) {}

  static async instead(standIn: StandIn, address: string, script?: PhoneScript): Promise<StandInPhone> {
    const phone = new StandInPhone(standIn, address, await standIn.lookAt(address));
    script?.(phone)({});
    await standIn.phoneDoes(address, phone.does);
    return phone;
  }

  /** Resolves when what the test has pressed is done. */
  async settled(): Promise<void> {
    await this.pressed;
  }

  ring(): void {
    this.does = { does: 'rings' };
  }

  pickUp(): void {
    this.pressed = this.standIn.press(this.address, 'pick-up');
  }

  async waitFor(method: string): Promise<void> {
    const count = COUNTS[method as keyof typeof COUNTS];
    await eventually(
      async () => (await this.standIn.lookAt(this.address))[count] > this.before[count] || undefined,
      () => `${this.address} has seen no ${method}`,
    );
  }

  dial(number: string): Promise<{ status: number }> {
    return this.standIn.dial(this.address, number);
  }
}
