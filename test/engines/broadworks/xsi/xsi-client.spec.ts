import { jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { XsiBadAnswer, XsiUnavailable } from '../../../../src/engines/broadworks/xsi/errors.js';
import { XsiClient } from '../../../../src/engines/broadworks/xsi/xsi-client.js';
import { eventually } from '../../../support/wait.js';
import { closedAfterEach, nobody } from './support/closed-after-each.js';
import { answerXml, cluster, failure, xsi } from './support/scripted-switch.js';

jest.setTimeout(30_000);

const CALLS = '/com.broadsoft.xsi-actions/v2.0/user/foo/calls';
const NEW = `${CALLS}/new`;

describe('the client of one cluster', () => {
  const { clientOf, scripted, raw } = closedAfterEach();

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
});
