import type { CallEngine, Destination } from '../../src/calls/application/call-engine.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import type { User } from '../../src/directory/domain/user.js';
import { Sandbox } from '../../src/sandbox/sandbox.js';
import type { ServerTransaction } from '../../src/sip/stack.js';
import type { DeviceDoes, EngineHarness, ScriptedDevice } from '../contracts/call-engine.contract.js';
import { CountingMedia } from './counting-media.js';
import { EngineUnderTest } from './engine.js';
import { SipPhone } from './sip-phone.js';

const DEVICES: Record<string, DeviceDoes> = {
  LP_foouser: 'answers',
  MB_foouser: 'absent',
  LP_baruser: 'answers',
  LP_bazuser: 'answers',
};

/** The SIP engine in its contract: real phones by SIP, the outside world of the sandbox, a store in memory. */
export class SipHarness implements EngineHarness {
  private under!: EngineUnderTest;
  private readonly outside = new Sandbox('127.0.0.1', () => []);
  private readonly devices = new Map<string, SipDevice>();

  async start(): Promise<void> {
    await this.outside.start();
    this.under = new EngineUnderTest({ trunk: this.outside.trunk }, new CountingMedia());
    await this.under.start();
    for (const [name, does] of Object.entries(DEVICES)) {
      const device = new SipDevice(await SipPhone.register(name, this.under.engine.address));
      await device.does(does);
      this.devices.set(device.addressOfRecord, device);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.devices.values()].map((device) => device.stop()));
    await this.under.stop();
    await this.outside.stop();
  }

  restart(meanwhile?: () => Promise<void>): Promise<void> {
    return this.under.killAndRestart(meanwhile);
  }

  get engine(): CallEngine {
    return this.under.engine;
  }

  user(userId: string): User {
    return this.under.user(userId);
  }

  destination(caller: User, number: string): Destination {
    return this.under.destination(number, caller.ref.userId);
  }

  device(addressOfRecord: string): ScriptedDevice {
    const device = this.devices.get(addressOfRecord);
    if (!device) throw new Error(`no ${addressOfRecord}`);
    return device;
  }

  async callsOf(userId: string): Promise<Call[]> {
    return [...this.under.recorder.calls.values()].filter(({ owner }) => owner.userId === userId);
  }

  async factsOf(callId: string): Promise<CallFact[]> {
    return this.under.recorder.facts.filter((fact) => fact.callId === callId);
  }
}

const BEHAVIOUR: Record<
  Exclude<DeviceDoes, 'absent'>,
  (phone: SipPhone, incoming: ServerTransaction) => void
> = {
  answers: (phone, incoming) => phone.answer(incoming),
  rings: (phone, incoming) => phone.ring(incoming),
  declines: (_phone, incoming) => incoming.respond(603),
  busy: (_phone, incoming) => incoming.respond(486),
};

class SipDevice implements ScriptedDevice {
  private registered = true;

  constructor(private readonly phone: SipPhone) {}

  get addressOfRecord(): string {
    return this.phone.addressOfRecord;
  }

  stop(): Promise<void> {
    return this.phone.stop();
  }

  async does(what: DeviceDoes): Promise<void> {
    const there = what !== 'absent';
    if (there !== this.registered) await this.phone.sendRegister(there ? '300' : '0');
    this.registered = there;
    if (there) this.phone.onInvite = (incoming) => BEHAVIOUR[what](this.phone, incoming);
  }

  async pickUp(): Promise<void> {
    this.phone.pickUp();
  }

  /** The answers to its BYE may be long in coming: no engine is there. */
  async hangUp(): Promise<void> {
    this.phone.hangUp().catch(() => undefined);
  }

  async hold(): Promise<void> {
    await this.phone.sendInDialog('INVITE', this.phone.offer('sendonly'));
  }

  async resume(): Promise<void> {
    await this.phone.sendInDialog('INVITE', this.phone.offer('sendrecv'));
  }

  async dial(number: string): Promise<number> {
    return (await this.phone.dial(number)).status;
  }

  async ringing(): Promise<number> {
    return this.phone.ringing;
  }

  async talking(): Promise<number> {
    return this.phone.inCalls.length;
  }
}
