import { readFileSync } from 'node:fs';
import {
  ACTIVE_CALL,
  ALERTING_CALL,
  CALL_LIST,
  CALL_LIST_WITH_DETAILS,
  HELD_CALL,
  NO_CALLS,
  RECORDED_CALL,
  STARTED_CALL,
} from '../../src/calls/http/examples.js';
import { TRUNK_NUMBERS } from '../../src/sandbox/virtual-trunk.js';
import type { RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';
import { answerShape } from '../support/answer-shape.js';

/** The keys, with each value's format in place of what differs from run to run. */
function shapeOf(value: unknown): unknown {
  return answerShape(value);
}

interface Example {
  summary?: string;
  value: Record<string, unknown>;
}
interface Described {
  requestBody?: { content: { 'application/json': { examples?: Record<string, Example> } } };
  responses: Record<string, { content: Record<string, { examples: Record<string, Example> }> }>;
}
const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, Described>>;
};

function isRefused({ summary }: Example): boolean {
  return summary?.startsWith('refused: ') ?? false;
}

/** Without the field that is wrong, of which there are several. */
function told(example: Record<string, unknown> | undefined): Record<string, unknown> {
  const { errors, ...others } = example ?? { status: 'not documented' };
  return others.type === '/problems/invalid-request' ? others : { ...others, ...(errors ? { errors } : {}) };
}

describe('the examples of the documentation are what the service answers', () => {
  const service = new SandboxService();
  let foo: RestClient;
  beforeAll(async () => {
    await service.start();
    foo = await service.as('foouser');
  });
  afterAll(() => service.close());

  it('from the dial to the end of a call', async () => {
    expect(shapeOf((await foo.send('GET', '')).body)).toEqual(shapeOf(NO_CALLS));
    const started = await foo.send('POST', '', { phoneNumber: '+3212345678' });
    expect(shapeOf(started.body)).toEqual(shapeOf(STARTED_CALL));
    const callId = started.body.callId as string;
    expect(shapeOf((await foo.send('GET', `${callId}/`)).body)).toEqual(shapeOf(ALERTING_CALL));
    await foo.only('Active');
    expect(shapeOf((await foo.send('GET', `${callId}/`)).body)).toEqual(shapeOf(ACTIVE_CALL));
    expect(shapeOf((await foo.send('GET', '')).body)).toEqual(shapeOf(CALL_LIST));
    const withDetails = await foo.send('GET', '?includeDetails=true');
    expect(shapeOf(withDetails.body)).toEqual(shapeOf(CALL_LIST_WITH_DETAILS));
    await foo.hold(callId);
    expect(shapeOf((await foo.send('GET', `${callId}/`)).body)).toEqual(shapeOf(HELD_CALL));
    await foo.reconnect(callId);
    await foo.send('PUT', `${callId}/`, { action: 'startRecording' });
    expect(shapeOf((await foo.send('GET', `${callId}/`)).body)).toEqual(shapeOf(RECORDED_CALL));
    expect((await foo.send('DELETE', `${callId}/`)).body).toEqual({});
  });

  it('each body that is offered to be refused, with the refusal that is documented', async () => {
    const callId = await foo.dial('+3212345678');
    await foo.only('Active');
    const seen: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { requestBody, responses }] of Object.entries(item)) {
        const offered = Object.entries(requestBody?.content['application/json'].examples ?? {});
        for (const [slug, { summary, value }] of offered.filter(([, example]) => isRefused(example))) {
          const place = path.split('/calls/')[1]?.replace('{callId}', callId) ?? '';
          const { status, body } = await foo.send(method.toUpperCase(), place, value);
          const documented = responses[status]?.content['application/problem+json']?.examples[slug]?.value;
          seen.push(`${method} ${summary}`);
          expect({ ...body, instance: '' }).toMatchObject({ ...told(documented), instance: '' });
        }
      }
    }
    await foo.release(callId);
    expect(seen).toEqual([
      'post refused: invalid-phone-number',
      'put refused: transfer-failed',
      'put refused: invalid-phone-number',
      'put refused: invalid-request',
      'post refused: calling-number-not-found',
      'post refused: invalid-phone-number',
    ]);
  });

  it('each other body of a dial begins a call', async () => {
    const bodies = Object.values(
      Object.values(document.paths)[0]?.post?.requestBody?.content['application/json'].examples ?? {},
    );
    const good = bodies.filter((example) => !isRefused(example));
    expect(good).toHaveLength(Object.keys(TRUNK_NUMBERS).length + 1);
    for (const { value } of good) {
      const { status, body } = await foo.send('POST', '', value);
      expect(status).toBe(201);
      await foo.release(String(body.callId));
    }
  });
});
