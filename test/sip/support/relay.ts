import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** How often a datagram is passed on, told from how often the same one was seen before. */
export type Weather = (seenBefore: number) => number;

/** Stands between two UDP ports and loses or doubles what passes. */
export class Relay {
  private readonly seen = new Map<string, number>();

  private constructor(
    private readonly socket: Socket,
    readonly port: number,
  ) {}

  static async between(left: number, right: number, weather: Weather): Promise<Relay> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.unref();
    const relay = new Relay(socket, socket.address().port);
    socket.on('message', (data, { port }) => {
      const text = data.toString();
      const before = relay.seen.get(text) ?? 0;
      relay.seen.set(text, before + 1);
      for (let copies = weather(before); copies > 0; copies--) {
        socket.send(data, port === left ? right : left, '127.0.0.1');
      }
    });
    return relay;
  }

  close(): void {
    this.socket.close();
  }
}
