import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { bdecode, bencode, type Bencoded } from '../../src/media/rtpengine/bencode.js';

export interface NgRequest {
  cookie: string;
  command: string;
  details: { [key: string]: Bencoded };
  /** Where it came from. */
  port: number;
  /** Sends the bytes back to who has asked. */
  reply(data: string | Buffer): void;
  /** Answers it properly. */
  answer(details: { [key: string]: Bencoded }): void;
}

/** The ng side of an rtpengine, played by a test: each request goes to `onRequest`. */
export class PlayedRtpengine {
  readonly requests: NgRequest[] = [];
  onRequest: (request: NgRequest) => void = () => undefined;
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (data, { address, port }) => {
      const space = data.indexOf(' ');
      const cookie = data.toString('latin1', 0, space);
      const details = bdecode(data.subarray(space + 1)) as NgRequest['details'];
      const reply = (answer: string | Buffer) => socket.send(answer, port, address);
      const answer = (value: NgRequest['details']) =>
        reply(Buffer.concat([Buffer.from(`${cookie} `), bencode(value)]));
      const request = { cookie, command: String(details.command), details, port, reply, answer };
      this.requests.push(request);
      this.onRequest(request);
    });
  }

  static async open(): Promise<PlayedRtpengine> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new PlayedRtpengine(socket);
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.socket.address().port };
  }

  /** Every command so far, in order. */
  get commands(): string[] {
    return this.requests.map(({ command }) => command);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}
