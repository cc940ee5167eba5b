import { audioOf, type Direction } from '../../sip/sdp.js';
import type { Side } from '../media.js';
import { type NgDictionary, NgRefusal } from './ng-client.js';

/** Where a party wants its audio. */
export interface Party {
  address: string;
  port: number;
  rtcpPort: number;
  direction: Direction;
}

/** Where the audio of each side is awaited. */
export interface Place {
  address: string;
  ports: Record<Side, number>;
}

/** Asks the rtpengine of the bridge. @throws NgSilence, NgRefusal */
type Ask = (command: string, details: NgDictionary) => Promise<NgDictionary>;

/** A party that is not known yet (RFC 3264 §8.4). */
const NOBODY: Party = { address: '0.0.0.0', port: 9, rtcpPort: 9, direction: 'inactive' };
const CALLER_TO_CALLEE: NgDictionary = { 'from-tag': 'caller', 'to-tag': 'callee' };

/**
 * A bridge as a call of rtpengine, with the sides as tags. rtpengine is told addresses and directions alone, never what
 * a stranger wrote: the descriptions themselves do not go through it. Its ports stay whoever takes a side.
 */
export class BridgeCall {
  private readonly ask: Ask;
  private readonly call: NgDictionary;
  private readonly treatment: NgDictionary;

  constructor(id: string, ask: Ask, learnSources: boolean) {
    this.ask = ask;
    this.call = { 'call-id': id };
    const learning = learnSources ? 'endpoint-learning-heuristic' : 'endpoint-learning-off';
    this.treatment = {
      flags: ['strict-source', 'port-latching', learning],
      ICE: 'remove',
      'rtcp-mux': ['demux'],
    };
  }

  /** Takes the ports of both sides; no audio passes. */
  async open(): Promise<Place> {
    // It would hand the address of nobody through, as a way to put on hold.
    const own = { replace: ['zero-address'] };
    const callee = await this.describe('offer', NOBODY, own);
    const caller = await this.describe('answer', NOBODY, own);
    return { address: caller.address, ports: { caller: caller.port, callee: callee.port } };
  }

  /** False when rtpengine was started anew, or ended the call since no audio came. */
  async isOpen(): Promise<boolean> {
    try {
      await this.ask('query', this.call);
      return true;
    } catch (error) {
      if (error instanceof NgRefusal) return false;
      throw error;
    }
  }

  async connect({ caller, callee }: Partial<Record<Side, Party>>): Promise<void> {
    if (caller) await this.describe('offer', caller);
    if (callee) await this.describe('answer', callee);
  }

  async delete(): Promise<void> {
    await this.ask('delete', { ...this.call, 'delete-delay': 0 });
  }

  /** @returns where rtpengine awaits the audio of the party that would see the description */
  private async describe(
    command: 'offer' | 'answer',
    party: Party,
    details: NgDictionary = {},
  ): Promise<{ address: string; port: number }> {
    const request = {
      ...this.call,
      ...CALLER_TO_CALLEE,
      ...this.treatment,
      ...details,
      sdp: describing(party),
    };
    const { sdp } = await this.ask(command, request);
    const audio = audioOf(String(sdp));
    if (!audio) throw new NgRefusal('rtpengine has given no port');
    return audio;
  }
}

function describing({ address, port, rtcpPort, direction }: Party): string {
  const place = `IN IP${address.includes(':') ? 6 : 4} ${address}`;
  return [
    'v=0',
    `o=- 0 0 ${place}`,
    's=-',
    `c=${place}`,
    't=0 0',
    // Payload types are not looked at, since nothing is transcoded.
    `m=audio ${port} RTP/AVP 0`,
    `a=rtcp:${rtcpPort}`,
    `a=${direction}`,
    '',
  ].join('\r\n');
}
