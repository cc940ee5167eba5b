import { answersWithin } from '../answers-within.js';
import { MediaUnavailable } from '../media.js';
import { NgClient, type NgDictionary, NgSilence, type RtpengineAddress } from './ng-client.js';

/** How long an instance that did not answer is left alone. */
const RETRY_MS = 3_000;

/** The instances of rtpengine; one that does not answer is left out until it answers a ping. */
export class RtpengineInstances {
  private readonly nodes: NgClient[];
  private readonly silent = new Set<NgClient>();
  private readonly retries = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(addresses: RtpengineAddress[]) {
    this.nodes = addresses.map((address) => new NgClient(address));
  }

  /** Resolves when each has answered or is known to be silent. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.ping(node)));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const retry of this.retries) clearTimeout(retry);
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  /** Those that answer, the one whose turn it is first. @throws MediaUnavailable when there is none */
  inTurn(): NgClient[] {
    const first = this.nodes.shift();
    if (first) this.nodes.push(first);
    const answering = this.nodes.filter((node) => !this.silent.has(node));
    if (answering.length === 0) throw new MediaUnavailable('no rtpengine answers');
    return answering;
  }

  /** @throws MediaUnavailable when none of that name is configured any more */
  named(name: string): NgClient {
    const node = this.nodes.find((each) => each.name === name);
    if (!node) throw new MediaUnavailable(`rtpengine ${name} is not configured`);
    return node;
  }

  /** Those that are not known to be silent are asked. */
  async health(limitMs: number): Promise<{ nodes: number; answering: number }> {
    const answers = await Promise.all(
      this.nodes.map(
        async (node) => !this.silent.has(node) && answersWithin(limitMs, () => this.ask(node, 'ping', {})),
      ),
    );
    return { nodes: this.nodes.length, answering: answers.filter(Boolean).length };
  }

  /** @throws NgSilence, NgRefusal */
  async ask(node: NgClient, command: string, details: NgDictionary): Promise<NgDictionary> {
    try {
      return await node.request(command, details);
    } catch (error) {
      if (error instanceof NgSilence) this.leaveOut(node);
      throw error;
    }
  }

  private leaveOut(node: NgClient): void {
    if (this.silent.has(node) || this.stopped) return;
    this.silent.add(node);
    this.retryLater(node);
  }

  private retryLater(node: NgClient): void {
    const retry = setTimeout(() => {
      this.retries.delete(retry);
      void this.ping(node);
    }, RETRY_MS);
    this.retries.add(retry);
  }

  private async ping(node: NgClient): Promise<void> {
    try {
      await node.request('ping');
      this.silent.delete(node);
    } catch {
      this.silent.add(node);
      if (!this.stopped) this.retryLater(node);
    }
  }
}
