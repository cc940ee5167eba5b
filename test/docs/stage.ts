import type { CallState } from '../../src/calls/domain/call.js';
import type { Answer, RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';
import { SipPhone } from '../support/sip-phone.js';
import { eventually } from '../support/wait.js';
import { Capture } from './capture.js';
import type { Participant } from './ladder.js';
import { Trunk } from './trunk.js';

/** The whole service with a phone of each of three users and a trunk, under capture. The API client is foouser's. */
export class Stage {
  readonly capture = new Capture();
  readonly trunk = new Trunk(this.capture.traffic('trunk'));
  foo!: SipPhone;
  bar!: SipPhone;
  baz!: SipPhone;
  service!: SandboxService;
  private rest!: RestClient;
  private readonly phones: SipPhone[] = [];

  async start(): Promise<void> {
    await this.trunk.start();
    this.service = new SandboxService({ SANDBOX: 'off', SIP_TRUNK: this.trunk.address });
    await this.service.start();
    this.capture.changesIn(this.service.repository);
    this.rest = await this.service.as('foouser');
    this.foo = await this.register('foo', 'LP_foouser');
    this.bar = await this.register('bar', 'LP_baruser');
    this.baz = await this.register('baz', 'LP_bazuser');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.phones, this.trunk].map((each) => each.stop()));
    await this.service?.close();
  }

  async register(who: Participant, device: string): Promise<SipPhone> {
    const options = { onTraffic: this.capture.traffic(who) };
    const phone = await SipPhone.register(device, this.service.sip, options);
    this.phones.push(phone);
    return phone;
  }

  /** Asks over REST, for the page. @param path below `calls/` */
  ask(method: string, path: string, body?: Record<string, string>): Promise<Answer> {
    return this.capture.exchange({ method, path, ...(body && { body }) }, () =>
      this.rest.send(method, path, body),
    );
  }

  /** Asks for an action on the call. */
  modify(callId: string, action: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.ask('PUT', `${callId}/`, { action, ...more });
  }

  /** foouser dials, and is through when this resolves with the call's id. */
  async talk(number: string): Promise<string> {
    const callId = await this.rest.dial(number);
    await this.reaches(callId, 'Active');
    return callId;
  }

  /** foouser dials; resolves with the call's id when the other phone rings. */
  async dialAndRing(number: string, phone: SipPhone): Promise<string> {
    const callId = await this.rest.dial(number);
    await phone.waitFor('INVITE');
    return callId;
  }

  /** The id of the user's only call, once it is in the state. */
  async only(userId: string, state: CallState): Promise<string> {
    const owner = { tenantId: 'foo', groupId: 'foogroup', userId };
    const call = await eventually(
      async () => {
        const calls = await this.service.repository.listOngoing(owner);
        return calls.length === 1 && calls[0]?.state === state ? calls[0] : undefined;
      },
      () => `${userId} has no single call that is ${state}`,
    );
    return call.callId;
  }

  async reaches(callId: string, state: CallState): Promise<void> {
    let last: string | undefined;
    await eventually(
      async () => {
        last = (await this.service.repository.find(callId))?.state;
        return last === state || undefined;
      },
      () => `${callId} is ${last}, not ${state}`,
    );
  }
}
