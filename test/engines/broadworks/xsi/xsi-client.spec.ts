import { jest } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import {
  XsiBadAnswer,
  XsiRefused,
  XsiTimeout,
  XsiUnavailable,
} from '../../../../src/engines/broadworks/xsi/errors.js';
import { XsiClient, type ClusterSettings } from '../../../../src/engines/broadworks/xsi/xsi-client.js';
import { eventually } from '../../../support/wait.js';
import { answerXml, cluster, failure, rawSwitch, scriptedSwitch, xsi } from './support/scripted-switch.js';

jest.setTimeout(30_000);

const CALLS = '/com.broadsoft.xsi-actions/v2.0/user/foo/calls';
const NEW = `${CALLS}/new`;

describe('the client of one cluster', () => {
  const toClose: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
  });

  function clientOf(port: number, settings: Partial<ClusterSettings> = {}): XsiClient {
    const client = new XsiClient(cluster(port, settings));
    toClose.push(() => client.close());
    return client;
  }

  async function scripted(
    ...args: Parameters<typeof scriptedSwitch>
  ): Promise<Awaited<ReturnType<typeof scriptedSwitch>>> {
    const server = await scriptedSwitch(...args);
    toClose.push(server.close);
    return server;
  }

  async function raw(...args: Parameters<typeof rawSwitch>): Promise<Awaited<ReturnType<typeof rawSwitch>>> {
    const server = await rawSwitch(...args);
    toClose.push(server.close);
    return server;
  }

  async function nobody(): Promise<number> {
    const server = await rawSwitch(() => undefined);
    await server.close();
    return server.port;
  }

  it('sends method, path, query and body, and gives status, location and document', async () => {
    const server = await scripted((_, response) => {
      response
        .writeHead(201, { location: '/calls/1', 'content-type': 'application/xml' })
        .end(xsi('Channel'));
    });
    const client = clientOf(server.port, { url: `http://127.0.0.1:${server.port}/behind/` });
    const answer = await client.request('POST', '/a%40b', { query: { 'a b': '+1&2' }, body: '<é/>' });
    expect(answer).toMatchObject({ status: 201, location: '/calls/1', root: { name: 'Channel' } });
    expect(server.asked).toMatchObject([
      {
        method: 'POST',
        url: '/behind/a%40b?a%20b=%2B1%262',
        body: '<é/>',
        headers: { 'content-type': 'application/xml; charset=UTF-8' },
      },
    ]);
  });

  it('keeps its connections, also after refusals', async () => {
    const server = await scripted((_, response, nth) => {
      answerXml(response, nth % 2 === 0 ? 200 : 404, xsi('Calls'));
    });
    const client = clientOf(server.port);
    for (let n = 0; n < 20; n++) await client.request('GET', CALLS).catch(() => undefined);
    expect(server.asked).toHaveLength(20);
    // A request may come before the pool knows that the first connection is free again.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    const server = await scripted((_, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${server.port}/elsewhere` }).end();
    });
    const error = await failure(clientOf(server.port).request('GET', CALLS));
    expect(error).toBeInstanceOf(XsiBadAnswer);
    expect(server.asked.map(({ url }) => url)).toEqual([CALLS]);
  });

  describe('tells what became of a request', () => {
    it('nobody listens: not sent', async () => {
      const error = await failure(clientOf(await nobody()).request('POST', NEW));
      expect(error).toBeInstanceOf(XsiUnavailable);
      expect(error).toMatchObject({ sent: false });
    });

    it.each([500, 502, 503])('%i: sent', async (status) => {
      const server = await scripted((_, response) => void response.writeHead(status).end());
      const error = await failure(clientOf(server.port).request('POST', NEW));
      expect(error).toBeInstanceOf(XsiUnavailable);
      expect(error).toMatchObject({ sent: true, status });
    });

    it('cut without an answer: sent', async () => {
      const server = await raw((_, socket) => socket.destroy());
      const error = await failure(clientOf(server.port).request('POST', NEW));
      expect(error).toBeInstanceOf(XsiUnavailable);
      expect(error).toMatchObject({ sent: true });
    });
  });

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

  describe('with a cluster that fails', () => {
    it('asks no more after five failures in a row, until a request a second later finds it well', async () => {
      let status = 500;
      const server = await scripted((_, response) => void response.writeHead(status).end());
      const client = clientOf(server.port);
      for (let n = 0; n < 5; n++) await failure(client.request('POST', NEW));
      const error = await failure(client.request('POST', NEW));
      expect(error).toBeInstanceOf(XsiUnavailable);
      expect(error).toMatchObject({ sent: false });
      expect(server.asked).toHaveLength(5);
      status = 200;
      await delay(1_100);
      await expect(client.request('POST', NEW)).resolves.toEqual({ status: 200 });
      await expect(client.request('POST', NEW)).resolves.toEqual({ status: 200 });
    });

    it('lets one request through after a second, and stays away when that fails', async () => {
      const server = await scripted((_, response) => void response.writeHead(500).end());
      const client = clientOf(server.port);
      for (let n = 0; n < 5; n++) await failure(client.request('POST', NEW));
      await delay(1_100);
      await Promise.all(Array.from({ length: 4 }, () => failure(client.request('POST', NEW))));
      expect(server.asked).toHaveLength(6);
    });

    it('counts time-outs as failures', async () => {
      const server = await scripted(() => undefined);
      const client = clientOf(server.port, { timeoutMs: 100 });
      for (let n = 0; n < 5; n++)
        expect(await failure(client.request('POST', NEW))).toBeInstanceOf(XsiTimeout);
      expect(await failure(client.request('POST', NEW))).toBeInstanceOf(XsiUnavailable);
      expect(server.asked).toHaveLength(5);
    });

    it('counts no refusal as a failure; a refusal shows that it is well', async () => {
      const server = await scripted(
        (_, response, nth) => void response.writeHead(nth % 5 === 0 ? 403 : 500).end(),
      );
      const client = clientOf(server.port);
      for (let n = 0; n < 20; n++) await failure(client.request('POST', NEW));
      expect(server.asked).toHaveLength(20);
      const refusing = await scripted((_, response) => void response.writeHead(404).end());
      const other = clientOf(refusing.port);
      for (let n = 0; n < 20; n++)
        expect(await failure(other.request('POST', NEW))).toBeInstanceOf(XsiRefused);
      expect(refusing.asked).toHaveLength(20);
    });
  });

  describe('with a cluster that hangs', () => {
    it('has so many requests under way, lets as many wait, and refuses the next at once', async () => {
      const held: ServerResponse[] = [];
      const server = await scripted((_, response) => void held.push(response));
      const client = clientOf(server.port, { maxConcurrent: 2 });
      const requests = Array.from({ length: 4 }, () => client.request('POST', NEW));
      await eventually(
        () => (held.length === 2 ? true : undefined),
        () => `${held.length} asked`,
      );
      const started = performance.now();
      const error = await failure(client.request('POST', NEW));
      expect(performance.now() - started).toBeLessThan(500);
      expect(error).toBeInstanceOf(XsiUnavailable);
      expect(error).toMatchObject({ sent: false });
      expect(server.asked).toHaveLength(2);
      while (server.asked.length < 4 || held.length > 0) {
        held.pop()?.end();
        await delay(10);
      }
      await expect(Promise.all(requests)).resolves.toHaveLength(4);
    });

    it('does not send what waited too long', async () => {
      const server = await scripted(() => undefined);
      const client = clientOf(server.port, { maxConcurrent: 1, timeoutMs: 300 });
      const errors = await Promise.all([1, 2].map(() => failure(client.request('POST', NEW))));
      expect(errors.map((error) => error instanceof XsiTimeout)).toEqual([true, true]);
      await delay(200);
      expect(server.asked).toHaveLength(1);
    });

    it('gives a request the time that it may take', async () => {
      const server = await scripted((_, response) => void setTimeout(() => response.end(), 500));
      const client = clientOf(server.port, { timeoutMs: 200 });
      await expect(client.request('PUT', CALLS, { timeoutMs: 2_000 })).resolves.toEqual({ status: 200 });
    });
  });

  it('shows no credentials, neither in errors nor when it is looked at', async () => {
    const settings = { password: 'n0t-t0-be-seen', userPasswords: { foo: 'n0t-t0-be-seen' } };
    const secret = new RegExp(`n0t-t0|Basic|${Buffer.from('admin:n0t-t0-be-seen').toString('base64')}`);
    const client = clientOf(await nobody(), settings);
    const server = await scripted((_, response) => void response.writeHead(401).end());
    const refused = clientOf(server.port, settings);
    const errors = [
      await failure(client.request('POST', NEW)),
      await failure(refused.request('POST', NEW, { as: 'foo' })),
    ];
    const looks = { depth: 10, showHidden: true };
    expect(inspect(errors, looks)).not.toMatch(secret);
    expect(inspect([client, refused], looks)).not.toMatch(secret);
    expect(JSON.stringify([client, errors])).not.toMatch(secret);
  });

  it('names no address of the switch in errors', async () => {
    const error = await failure(clientOf(await nobody()).request('POST', NEW));
    expect(String(error)).not.toContain('127.0.0.1');
  });

  it('waits at its close for what is under way', async () => {
    const held: ServerResponse[] = [];
    const server = await scripted((_, response) => void held.push(response));
    const client = new XsiClient(cluster(server.port));
    const request = client.request('POST', NEW);
    await eventually(
      () => (held.length === 1 ? true : undefined),
      () => 'not asked',
    );
    const closed = client.close();
    held[0]?.end();
    await expect(request).resolves.toEqual({ status: 200 });
    await closed;
    expect(await failure(client.request('GET', CALLS))).toBeInstanceOf(XsiUnavailable);
  });

  describe('of an answer that does not end', () => {
    const channel = { body: '<Channel/>', idleMs: 10_000 };

    it('gives the pieces as they come, until it is closed', async () => {
      let response: ServerResponse | undefined;
      const server = await scripted((_, to) => {
        response = to;
        to.writeHead(200, { 'content-type': 'application/xml' }).write('<a/>');
      });
      const stream = await clientOf(server.port).stream('POST', '/channel', channel);
      expect(stream).toMatchObject({ status: 200, contentType: 'application/xml' });
      const seen: string[] = [];
      for await (const chunk of stream.chunks) {
        seen.push(chunk.toString());
        if (seen.length === 1) response?.write('<b/>');
        else stream.close();
      }
      expect(seen).toEqual(['<a/>', '<b/>']);
      if (response && !response.closed) await once(response, 'close');
      expect(server.asked).toMatchObject([{ method: 'POST', body: '<Channel/>' }]);
    });

    it('outlives the time-out of requests, but not silence', async () => {
      const server = await scripted((_, response) => {
        response.write('1');
        setTimeout(() => response.write('2'), 600);
      });
      const client = clientOf(server.port, { timeoutMs: 300 });
      const { chunks } = await client.stream('POST', '/channel', { ...channel, idleMs: 1_500 });
      const seen: string[] = [];
      const read = async (): Promise<void> => {
        for await (const chunk of chunks) seen.push(chunk.toString());
      };
      expect(await failure(read())).toBeInstanceOf(XsiTimeout);
      expect(seen).toEqual(['1', '2']);
    });

    it.each<[string, (response: ServerResponse) => void]>([
      ['the connection is cut', (response) => response.socket?.resetAndDestroy()],
      ['the connection is closed', (response) => response.socket?.end()],
    ])('fails when %s', async (_what, cut) => {
      const server = await scripted((_, response) => {
        response.write('1');
        setTimeout(() => cut(response), 50);
      });
      const { chunks } = await clientOf(server.port).stream('POST', '/channel', channel);
      const read = async (): Promise<void> => {
        for await (const _chunk of chunks);
      };
      expect(await failure(read())).toBeInstanceOf(XsiUnavailable);
    });

    it('ends when the switch ends it', async () => {
      const server = await scripted((_, response) => void response.end('1'));
      const { chunks } = await clientOf(server.port).stream('POST', '/channel', channel);
      const seen: string[] = [];
      for await (const chunk of chunks) seen.push(chunk.toString());
      expect(seen).toEqual(['1']);
    });

    it('is refused as any request, and may not begin too late', async () => {
      const server = await scripted((_, response, nth) => {
        if (nth === 1) answerXml(response, 409, xsi('ErrorInfo', '<errorCode>7</errorCode>'));
      });
      const client = clientOf(server.port, { timeoutMs: 300 });
      const opens = (): Promise<unknown> => client.stream('POST', '/channel', channel);
      expect(await failure(opens())).toMatchObject({ status: 409, errorCode: '7' });
      expect(await failure(opens())).toBeInstanceOf(XsiTimeout);
      expect(await failure(clientOf(await nobody()).stream('POST', '/', channel))).toMatchObject({
        sent: false,
      });
    });

    it('is cut at the close of the client', async () => {
      const server = await scripted((_, response) => void response.write('1'));
      const client = clientOf(server.port);
      const { chunks } = await client.stream('POST', '/channel', channel);
      const read = async (): Promise<void> => {
        for await (const _chunk of chunks) await client.close();
      };
      expect(await failure(read())).toBeInstanceOf(XsiUnavailable);
    });
  });
});
