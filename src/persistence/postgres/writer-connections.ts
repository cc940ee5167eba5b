import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';

const RECONNECT_MS = 500;

/** The connections of the writer: those that are idle, and new ones for those that are lost. */
export class WriterConnections {
  private readonly idle: Client[] = [];
  private readonly sockets = new Map<Client, Socket>();
  private closed = false;

  /**
   * @param timeoutMs after which a connection that does not answer is given up
   * @param onChange called when a connection was made or lost
   */
  constructor(
    private readonly config: ClientConfig,
    private readonly timeoutMs: number,
    private readonly onChange: () => void,
  ) {}

  /** How many there are, idle or not. */
  get count(): number {
    return this.sockets.size;
  }

  async open(count: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: count }, () => this.connect()));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  take(): Client | undefined {
    return this.idle.pop();
  }

  giveBack(client: Client): void {
    if (this.sockets.has(client)) this.idle.push(client);
  }

  /** Gives up a connection that does not answer as it should. */
  drop(client: Client): void {
    this.sockets.get(client)?.destroy();
    this.lose(client);
  }

  async close(): Promise<void> {
    this.closed = true;
    const ended = Promise.all([...this.sockets.keys()].map((client) => client.end()));
    await Promise.race([ended, delay(this.timeoutMs, undefined, { ref: false })]);
    for (const socket of this.sockets.values()) socket.destroy();
  }

  private async connect(): Promise<void> {
    const socket = new Socket();
    const client = new Client({
      ...this.config,
      stream: () => socket,
      keepAlive: true,
      connectionTimeoutMillis: this.timeoutMs,
      statement_timeout: this.timeoutMs,
      // For a server that is not heard of any more; the one above is its own and comes first.
      query_timeout: this.timeoutMs + 1_000,
      // The plan is made once, while the tables may be empty: it must use the indexes of full ones.
      options: '-c synchronous_commit=on -c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
    });
    client.on('error', () => this.lose(client));
    client.on('end', () => this.lose(client));
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    if (this.closed) return void socket.destroy();
    this.sockets.set(client, socket);
    this.idle.push(client);
    this.onChange();
  }

  private lose(client: Client): void {
    if (!this.sockets.delete(client)) return;
    const index = this.idle.indexOf(client);
    if (index >= 0) this.idle.splice(index, 1);
    this.onChange();
    if (!this.closed) void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    while (!this.closed) {
      await delay(RECONNECT_MS, undefined, { ref: false });
      try {
        return await this.connect();
      } catch {
        // Tried again until the service stops.
      }
    }
  }
}
