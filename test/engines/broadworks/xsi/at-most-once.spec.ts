import { jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { XsiTimeout, XsiUnavailable } from '../../../../src/engines/broadworks/xsi/errors.js';
import { closedAfterEach } from './support/closed-after-each.js';
import { failure } from './support/scripted-switch.js';

jest.setTimeout(30_000);

const CALLS = '/com.broadsoft.xsi-actions/v2.0/user/foo/calls';
const NEW = `${CALLS}/new`;

describe('the client of one cluster', () => {
  const { clientOf, scripted, raw } = closedAfterEach();

  describe('never sends a dial twice', () => {
    const FAILURES: Record<string, (text: string, socket: Socket) => void> = {
      'the connection is reset': (_, socket) => void socket.resetAndDestroy(),
      'the connection is closed': (_, socket) => void socket.end(),
      'the answer is cut in its head': (_, socket) => void socket.end('HTTP/1.1 201 Created\r\nLoca'),
      'the answer is cut in its body': (_, socket) =>
        void socket.end('HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n<Call'),
      'the answer is a 503': (_, socket) =>
        void socket.write('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n'),
      'the answer is a 408': (_, socket) =>
        void socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
      'the answer is no HTTP': (_, socket) => void socket.end('SIP/2.0 200 OK\r\n\r\n'),
      'no answer comes': () => undefined,
    };

    it.each(Object.entries(FAILURES))('%s', async (_what, fail) => {
      const server = await raw(fail);
      await failure(clientOf(server.port, { timeoutMs: 300 }).request('POST', NEW, { retry: true }));
      await delay(200);
      expect(server.received().split(`POST ${NEW} `)).toHaveLength(2);
    });

    it.each(Object.entries(FAILURES))('%s, on a connection that served before', async (_what, fail) => {
      const server = await raw((text, socket) => {
        if (text.startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else fail(text, socket);
      });
      const client = clientOf(server.port, { timeoutMs: 300 });
      await client.request('GET', CALLS);
      await failure(client.request('POST', NEW));
      await delay(200);
      expect(server.received().split(`POST ${NEW} `)).toHaveLength(2);
    });
  });

  describe('asks once more with a GET', () => {
    it('after a cut connection', async () => {
      const server = await raw((_, socket, connection) => {
        if (connection === 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
      await expect(clientOf(server.port).request('GET', CALLS)).resolves.toEqual({ status: 200 });
    });

    it('after a 503', async () => {
      const server = await scripted(
        (_, response, nth) => void response.writeHead(nth === 1 ? 503 : 200).end(),
      );
      await expect(clientOf(server.port).request('GET', CALLS)).resolves.toEqual({ status: 200 });
      expect(server.asked).toHaveLength(2);
    });

    it('and no more than once', async () => {
      const server = await scripted((_, response) => void response.writeHead(503).end());
      expect(await failure(clientOf(server.port).request('GET', CALLS))).toBeInstanceOf(XsiUnavailable);
      expect(server.asked).toHaveLength(2);
    });

    it.each([400, 404, 500])('but not after a %i', async (status) => {
      const server = await scripted((_, response) => void response.writeHead(status).end());
      await failure(clientOf(server.port).request('GET', CALLS));
      expect(server.asked).toHaveLength(1);
    });

    it('but not after a time-out, nor where that is not wanted', async () => {
      const server = await scripted((_, response, nth) => {
        if (nth > 1) response.writeHead(503).end();
      });
      const client = clientOf(server.port, { timeoutMs: 200 });
      expect(await failure(client.request('GET', CALLS))).toBeInstanceOf(XsiTimeout);
      expect(await failure(client.request('GET', CALLS, { retry: false }))).toBeInstanceOf(XsiUnavailable);
      expect(server.asked).toHaveLength(2);
    });
  });
});
