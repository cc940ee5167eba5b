import { XsiBadAnswer, XsiRefused } from './errors.js';
import { seenCall, type SeenCall } from './seen-call.js';
import type { XsiClient } from './xsi-client.js';
import { children, textOf, XSI, type XmlElement } from './xml.js';

/** How many calls of one user are asked for at a time. */
const GETS_AT_A_TIME = 4;

/** The ids that the switch gave a call. */
export interface StartedCall {
  callId: string;
  externalTrackingId: string;
}

export type CallCommand =
  'Hold' | 'Reconnect' | 'Record' | 'PauseRecording' | 'ResumeRecording' | 'StopRecording';

/** Xsi-Actions v2.0 on the calls of a user. Everything here throws XsiError. */
export class XsiActions {
  constructor(private readonly client: XsiClient) {}

  async dial(userId: string, address: string): Promise<StartedCall> {
    const { root } = await this.client.request('POST', callsOf(userId, 'new'), {
      as: userId,
      query: { address },
    });
    return startedCall(root);
  }

  /** The ids of the calls that the switch lists. */
  async list(userId: string): Promise<string[]> {
    const { root } = await this.client.request('GET', callsOf(userId), { as: userId });
    return children(answered(root, 'Calls'), 'call').map((call) => filled(call, 'callId'));
  }

  /** Undefined when there is no such call (404); detached ones are seen as well. */
  async get(userId: string, callId: string): Promise<SeenCall | undefined> {
    try {
      const { root } = await this.client.request('GET', callsOf(userId, callId), {
        as: userId,
        query: { allowDetached: 'True' },
      });
      return seenCall(answered(root, 'Call'));
    } catch (error) {
      if (error instanceof XsiRefused && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All calls of the user; one that ends meanwhile is left out. */
  async calls(userId: string): Promise<SeenCall[]> {
    const ids = await this.list(userId);
    const calls: SeenCall[] = [];
    for (let at = 0; at < ids.length; at += GETS_AT_A_TIME) {
      const some = await Promise.all(ids.slice(at, at + GETS_AT_A_TIME).map((id) => this.get(userId, id)));
      calls.push(...some.filter((call) => call !== undefined));
    }
    return calls;
  }

  async command(userId: string, callId: string, command: CallCommand): Promise<void> {
    await this.client.request('PUT', callsOf(userId, callId, command), { as: userId });
  }

  /** @param waitMs how long the switch may take, where that is longer than for other requests */
  async blindTransfer(userId: string, callId: string, address: string, waitMs?: number): Promise<void> {
    await this.client.request('PUT', callsOf(userId, callId, 'BlindTransfer'), {
      as: userId,
      query: { address },
      timeoutMs: waitMs,
    });
  }

  /** @param waitMs how long the switch may take, where that is longer than for other requests */
  async consultativeTransfer(
    userId: string,
    callId: string,
    consultedId: string,
    waitMs?: number,
  ): Promise<void> {
    await this.client.request('PUT', callsOf(userId, callId, 'ConsultTransfer', consultedId), {
      as: userId,
      timeoutMs: waitMs,
    });
  }

  async release(userId: string, callId: string): Promise<void> {
    await this.client.request('DELETE', callsOf(userId, callId), { as: userId });
  }

  /** The switch chooses which call. */
  async retrieve(userId: string): Promise<StartedCall> {
    const { root } = await this.client.request('POST', callsOf(userId, 'CallRetrieve'), { as: userId });
    return startedCall(root);
  }

  /** The number that the switch leases for the pair. */
  async leaseImrn(userId: string, calling: string, called: string): Promise<string> {
    const { root } = await this.client.request('POST', callsOf(userId, 'imrn'), {
      as: userId,
      query: { callingPartyAddress: calling, calledPartyAddress: called },
    });
    return filled(answered(root, 'IMRNInfo'), 'imrn');
  }
}

function callsOf(userId: string, ...segments: string[]): string {
  const [user = '', ...rest] = [userId, ...segments].map(segment);
  return ['/com.broadsoft.xsi-actions/v2.0/user', user, 'calls', ...rest].join('/');
}

/**
 * One segment of a path, percent-encoded.
 * @throws XsiRefused as the switch would say for an id that would lead to another resource
 */
function segment(id: string): string {
  if (['', '.', '..'].includes(id)) throw new XsiRefused(404);
  return encodeURIComponent(id);
}

function startedCall(root: XmlElement | undefined): StartedCall {
  const info = answered(root, 'CallStartInfo');
  return { callId: filled(info, 'callId'), externalTrackingId: filled(info, 'externalTrackingId') };
}

function answered(root: XmlElement | undefined, name: string): XmlElement {
  if (!root || root.ns !== XSI || root.name !== name) throw new XsiBadAnswer(`The answer is no ${name}.`);
  return root;
}

function filled(element: XmlElement, name: string): string {
  const text = textOf(element, name);
  if (!text) throw new XsiBadAnswer(`The answer lacks ${name}.`);
  return text;
}
