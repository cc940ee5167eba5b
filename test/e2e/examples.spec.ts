import {
  ACTIVE_CALL,
  ALERTING_CALL,
  CALL_LIST,
  CALL_LIST_WITH_DETAILS,
  NO_CALLS,
  STARTED_CALL,
} from '../../src/calls/http/examples.js';
import type { RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';

/** The keys, with each value's format in place of what differs from run to run. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
  }
  if (typeof value !== 'string') return value;
  return value
    .replaceAll(/callhalf-\d+:0/g, '<call id>')
    .replace(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, '<uuid>')
    .replace(/^\d{4}(-\d\d){2}T(\d\d:){2}\d\d\.\d{6}$/, '<time>')
    .replace(/^(LP|MB)_foouser@/, '<device>@');
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
    expect((await foo.send('DELETE', `${callId}/`)).body).toEqual({});
  });
});
