import type { DeviceDoes, ScriptedDevice } from '../../contracts/call-engine.contract.js';
import type { StandIn } from './stand-in.js';

/** A phone of the stand-in, for the engines' contract. */
export class StandInDevice implements ScriptedDevice {
  constructor(
    private readonly standIn: StandIn,
    private readonly address: string,
  ) {}

  async does(what: DeviceDoes): Promise<void> {
    await this.standIn.phoneDoes(this.address, { does: what });
  }

  async pickUp(): Promise<void> {
    await this.standIn.press(this.address, 'pick-up');
  }

  async hangUp(): Promise<void> {
    for (let left = (await this.ringing()) + (await this.talking()); left > 0; left--)
      await this.standIn.press(this.address, 'hang-up');
  }

  async hold(): Promise<void> {
    await this.standIn.press(this.address, 'hold');
  }

  async resume(): Promise<void> {
    await this.standIn.press(this.address, 'resume');
  }

  async dial(number: string): Promise<number> {
    return (await this.standIn.dial(this.address, number)).status;
  }

  async ringing(): Promise<number> {
    return (await this.standIn.lookAt(this.address)).ringing;
  }

  async talking(): Promise<number> {
    return (await this.standIn.lookAt(this.address)).calls;
  }
}
