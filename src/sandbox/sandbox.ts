import { Logger } from '@nestjs/common';
import type { Device } from '../directory/domain/user.js';
import { createRequest, newCallId, newTag } from '../sip/dialog.js';
import { authorize } from '../sip/digest.js';
import { type SipResponse, tagOf } from '../sip/message.js';
import { SipStack } from '../sip/sip-stack.js';
import type { ServerTransaction, Target } from '../sip/stack.js';
import { parseUri } from '../sip/uri.js';
import { VirtualCalls } from './virtual-calls.js';
import { behaviourOf } from './virtual-trunk.js';

const ANSWER_AFTER_MS = 200;
const EXPIRES_S = 120;
const REFRESH_MS = 60_000;
const RETRY_MS = 1_000;

/**
 * Virtual phones for the directory's devices and a virtual trunk: real SIP user agents in the process, on a
 * listener of their own. They register with a low preference (q), so that a real phone takes their place.
 */
export class Sandbox {
  private readonly logger = new Logger(Sandbox.name);
  private readonly stack: SipStack;
  private readonly calls: VirtualCalls;
  private readonly timers = new Set<NodeJS.Timeout>();
  private registered = new Set<string>();
  private stopped = false;

  constructor(
    host: string,
    private readonly devices: () => Device[],
  ) {
    this.stack = new SipStack({
      host,
      port: 0,
      handlers: {
        onRequest: (transaction) => this.receive(transaction),
        onAck: () => undefined,
        onStrayInviteSuccess: () => undefined,
      },
    });
    this.calls = new VirtualCalls(() => this.stack);
  }

  async start(): Promise<void> {
    await this.stack.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.calls.clear();
    await this.stack.stop();
  }

  /** Where the virtual trunk listens, once started. */
  get trunk(): Target {
    return { transport: 'udp', host: this.stack.host, port: this.stack.port };
  }

  /** Registers the virtual phones at the service's registrar; resolves when each has had its answer. */
  async register(registrar: { host: string; port: number }): Promise<void> {
    await Promise.all(this.devices().map((device) => this.keepRegistered(device, registrar)));
    this.logger.log(`${this.registered.size} virtual phones are registered`);
  }

  private receive(incoming: ServerTransaction): void {
    const { request } = incoming;
    const user = parseUri(request.uri).user ?? '';
    const contact = this.contactOf(user);
    if (tagOf(request.to) !== undefined) return this.calls.inDialog(incoming, contact);
    if (request.method === 'OPTIONS') return incoming.respond(200);
    if (request.method !== 'INVITE') return incoming.respond(405);
    const behaviour = user.startsWith('+') ? behaviourOf(user) : { answerAfter: ANSWER_AFTER_MS };
    if (behaviour === 'silent') return incoming.drop();
    this.calls.ring(incoming, contact, behaviour);
  }

  private contactOf(user: string): string {
    return `<sip:${user}@${this.stack.host}:${this.stack.port}>`;
  }

  private async keepRegistered(device: Device, registrar: { host: string; port: number }): Promise<void> {
    const dialogId = { callId: newCallId(this.stack.host), cseq: 0 };
    const again = async () => {
      const ok = await this.registerOnce(device, registrar, dialogId);
      if (this.stopped) return;
      if (ok) this.registered.add(device.addressOfRecord);
      const timer = setTimeout(
        () => {
          this.timers.delete(timer);
          void again();
        },
        ok ? REFRESH_MS : RETRY_MS,
      );
      this.timers.add(timer);
    };
    await again();
  }

  private async registerOnce(
    device: Device,
    registrar: { host: string; port: number },
    id: { callId: string; cseq: number },
  ): Promise<boolean> {
    const first = await this.sendRegister(device, registrar, id, {});
    if (first.status !== 401) return first.status === 200;
    const [username = ''] = device.addressOfRecord.split('@');
    const credentials = authorize({
      challenges: first.headers['www-authenticate'] ?? [],
      method: 'REGISTER',
      uri: registrarUri(device),
      username,
      password: device.password,
    });
    const second = await this.sendRegister(device, registrar, id, { authorization: [credentials.value] });
    if (second.status !== 200)
      this.logger.warn(`${device.addressOfRecord} is not registered: ${second.status}`);
    return second.status === 200;
  }

  private sendRegister(
    device: Device,
    registrar: { host: string; port: number },
    id: { callId: string; cseq: number },
    headers: Record<string, string[]>,
  ): Promise<SipResponse> {
    const [user = ''] = device.addressOfRecord.split('@');
    const request = createRequest({
      method: 'REGISTER',
      uri: registrarUri(device),
      from: { uri: `sip:${device.addressOfRecord}`, params: { tag: newTag() } },
      to: { uri: `sip:${device.addressOfRecord}`, params: {} },
      callId: id.callId,
      cseq: ++id.cseq,
      contact: `${this.contactOf(user)};expires=${EXPIRES_S};q=0.1;+sip.instance="<urn:sandbox:${user}>"`,
      headers,
    });
    return new Promise((resolve) => {
      this.stack.sendRequest(
        request,
        { transport: 'udp', ...registrar },
        { onResponse: (response) => response.status >= 200 && resolve(response) },
      );
    });
  }
}

function registrarUri(device: Device): string {
  return `sip:${device.addressOfRecord.split('@')[1]}`;
}
