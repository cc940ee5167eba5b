import { createSocket } from 'node:dgram';

/** @returns the first of so many UDP ports of loopback in a row that nobody has, an even one */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 22_000 + 2 * Math.floor(Math.random() * 4_000);
    const probes = Array.from({ length: count }, (_, index) => isFree(first + index));
    if ((await Promise.all(probes)).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
