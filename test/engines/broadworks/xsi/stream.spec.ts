import { jest } from '@jest/globals';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { XsiTimeout, XsiUnavailable } from '../../../../src/engines/broadworks/xsi/errors.js';
import { closedAfterEach, nobody } from './support/closed-after-each.js';
import { answerXml, failure, xsi } from './support/scripted-switch.js';

jest.setTimeout(30_000);

describe('an answer that does not end', () => {
  const { clientOf, scripted } = closedAfterEach();
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
