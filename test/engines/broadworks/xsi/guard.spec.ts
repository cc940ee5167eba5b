import { jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { XsiRefused, XsiTimeout, XsiUnavailable } from '../../../../src/engines/broadworks/xsi/errors.js';
import { eventually } from '../../../support/wait.js';
import { closedAfterEach } from './support/closed-after-each.js';
import { failure } from './support/scripted-switch.js';

jest.setTimeout(30_000);

const CALLS = '/com.broadsoft.xsi-actions/v2.0/user/foo/calls';
const NEW = `${CALLS}/new`;

describe('the client of one cluster', () => {
  const { clientOf, scripted } = closedAfterEach();

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
      expect(await failure(client.request('GET', CALLS))).toMatchObject({ sent: false });
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
      expect(performance.now() - started).toBeLessThan(2_000);
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
      const errors = await Promise.all(
        [300, 150].map((timeoutMs) => failure(client.request('POST', NEW, { timeoutMs }))),
      );
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
});
