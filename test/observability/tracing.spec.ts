import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OtlpReceiver } from '../support/otlp-receiver.js';
import { callsPath } from '../support/rest-client.js';
import { buildService, ServiceProcess } from '../support/service-process.js';
import { SipPhone } from '../support/sip-phone.js';
import { eventually } from '../support/wait.js';

const ANSWERS = '+3212345678';
const ROUTE = '/api/v1/tenants/:tenantId/groups/:groupId/users/:userId/services/calls';
/** Spans are sent as soon as they are there. */
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50' };

let traces = 0;
/** The ids of a caller's trace, and the header that carries them. */
function newTrace() {
  const id = (traces += 1).toString(16);
  const [traceId, spanId] = [id.padStart(32, 'a'), id.padStart(16, 'b')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01` } };
}

beforeAll(buildService, 120_000);

describe('A service with an exporter of traces', () => {
  let receiver: OtlpReceiver;
  let service: ServiceProcess;
  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    service = new ServiceProcess({ ...SOON, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await service.start();
  }, 30_000);
  afterAll(async () => {
    await service.stop();
    await receiver.stop();
  });

  const ask = (method: string, path: string, body: object | undefined, headers: Record<string, string>) =>
    fetch(service.url + callsPath({ tenant: 'foo', group: 'foogroup', user: 'foouser' }) + path, {
      method,
      headers: {
        authorization: `Bearer ${service.tokenOf('foouser')}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });

  it('makes a dial and a hold one trace each with that of the caller, from HTTP to engine and store', async () => {
    const dialled = newTrace();
    const answer = await ask('POST', '', { phoneNumber: ANSWERS }, dialled.headers);
    const { callId, externalTrackingId } = (await answer.json()) as Record<string, string>;
    const http = await receiver.span(`POST ${ROUTE}`, dialled.traceId);
    expect(http.parentSpanId).toBe(dialled.spanId);
    expect(http.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': ROUTE,
      'http.response.status_code': 201,
      'call.id': callId,
      'call.tracking_id': externalTrackingId,
    });
    const engine = await receiver.span('CallEngine.dial', dialled.traceId);
    expect(receiver.pathOf(engine)).toEqual([`POST ${ROUTE}`, 'DialNumber.dial', 'CallEngine.dial']);
    const opened = await receiver.span('CallJournal.open', dialled.traceId);
    expect(receiver.pathOf(opened)).toEqual([
      `POST ${ROUTE}`,
      'DialNumber.dial',
      'CallEngine.dial',
      'CallJournal.open',
    ]);
    const save = receiver.spans.find(
      ({ name, parentSpanId }) => name === 'CallRepository.save' && parentSpanId === opened.spanId,
    );
    for (const span of [engine, opened, save])
      expect(span?.attributes).toEqual({ 'call.id': callId, 'call.tracking_id': externalTrackingId });

    await service.as('foouser').only('Active');
    const held = newTrace();
    expect((await ask('PUT', `${callId}/`, { action: 'hold' }, held.headers)).status).toBe(200);
    const hold = await receiver.span(`PUT ${ROUTE}/:callId`, held.traceId);
    expect(hold).toMatchObject({ parentSpanId: held.spanId, attributes: { 'call.id': callId } });
    const stored = receiver.spans.filter(
      ({ name, traceId }) => name === 'CallRepository.save' && traceId === held.traceId,
    );
    expect(stored.map((span) => receiver.pathOf(span))).toContainEqual([
      hold.name,
      'HoldCall.hold',
      'CallEngine.hold',
      'CallJournal.record',
      'CallRepository.save',
    ]);
    const ofTheCall = receiver.spans.filter(
      ({ name, traceId }) => traceId === held.traceId && name !== 'CallEngine.catchUp',
    );
    for (const span of ofTheCall) expect(span.attributes['call.id']).toBe(callId);
    await service.as('foouser').release(callId ?? '');
  }, 30_000);

  it('tells of a refusal by its kind, and of no phone number', async () => {
    const { traceId, headers } = newTrace();
    expect((await ask('POST', '', { phoneNumber: '+32123456789012' }, headers)).status).toBe(400);
    const refused = await receiver.span('DialNumber.dial', traceId);
    expect(refused).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'invalidPhoneNumber' },
    });
    for (const number of [ANSWERS, '+32123456789012']) expect(receiver.text).not.toContain(number.slice(1));
  });

  it('begins a trace of its own where the caller has none', async () => {
    await ask('GET', '?includeDetails=true', undefined, {});
    const own = await eventually(
      () => receiver.spans.find(({ name, parentSpanId }) => name === `GET ${ROUTE}` && !parentSpanId),
      () => 'no trace without a parent',
    );
    expect(own.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('traces what a phone does by the call', async () => {
    const phone = await SipPhone.register('LP_foouser', service.sip);
    await phone.dial(ANSWERS);
    const { callId } = await service.as('foouser').only('Active');
    await phone.hangUp();
    await phone.stop();
    const span = await eventually(
      () =>
        receiver.spans.find(
          ({ name, attributes }) => name === 'CallJournal.record' && attributes['call.id'] === callId,
        ),
      () => 'no span of the phone call',
    );
    expect(span.attributes['call.tracking_id']).toEqual(expect.any(String));
  });

  it('names the trace in the lines of its log', async () => {
    const { traceId, headers } = newTrace();
    await ask('GET', '', undefined, headers);
    const line = await eventually(
      () => service.log.split('\n').find((each) => each.includes(traceId) && each.includes('"answered"')),
      () => service.log,
    );
    expect(line).toContain('"method":"GET"');
  });
});

describe('A service that stops', () => {
  it('sends the spans that wait', async () => {
    const receiver = await OtlpReceiver.start();
    const service = new ServiceProcess({
      OTEL_BSP_SCHEDULE_DELAY: '600000',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/custom`,
    });
    await service.start();
    await service.as('foouser').list();
    expect(receiver.spans).toEqual([]);
    await service.stop();
    expect(receiver.spans.map(({ name }) => name)).toContain('ListCalls.list');
    expect(receiver.text).toMatch(/^\/custom\n/);
    await receiver.stop();
  }, 30_000);
});

describe('A service whose exporter leads nowhere', () => {
  it('places calls, says so once, and stops in time', async () => {
    // A port that was free a moment ago.
    const receiver = await OtlpReceiver.start();
    const { url } = receiver;
    await receiver.stop();
    const service = new ServiceProcess({
      ...SOON,
      OTEL_BSP_EXPORT_TIMEOUT: '500',
      OTEL_EXPORTER_OTLP_TIMEOUT: '400',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
    });
    await service.start();
    const calls = service.as('foouser');
    const callId = await calls.dial(ANSWERS);
    await calls.only('Active');
    expect((await calls.hold(callId)).status).toBe(200);
    expect((await calls.release(callId)).status).toBe(200);
    await eventually(
      () => /Traces cannot be sent/.exec(service.log) ?? undefined,
      () => service.log,
    );
    await calls.list();
    const stopping = performance.now();
    await service.stop();
    expect(performance.now() - stopping).toBeLessThan(5_000);
    expect(service.log.match(/Traces cannot be sent/g)).toHaveLength(1);
  }, 30_000);

  it('is held up by no exporter that never answers', async () => {
    const receiver = await OtlpReceiver.silent();
    const service = new ServiceProcess({ ...SOON, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await service.start();
    const calls = service.as('foouser');
    const callId = await calls.dial(ANSWERS);
    await calls.only('Active');
    expect((await calls.release(callId)).status).toBe(200);
    const stopping = performance.now();
    await service.stop();
    expect(performance.now() - stopping).toBeLessThan(5_000);
    await receiver.stop();
  }, 30_000);
});

describe('A service without an exporter', () => {
  it('makes no connection, although the other variables are set', async () => {
    const receiver = await OtlpReceiver.start();
    const service = new ServiceProcess({ ...SOON, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url });
    await service.start();
    const { traceId, headers } = newTrace();
    await fetch(service.url + callsPath({ tenant: 'foo', group: 'foogroup', user: 'foouser' }), { headers });
    await service.as('foouser').list();
    await service.stop();
    expect(service.log).not.toContain(traceId);
    expect(receiver.connections).toBe(0);
    await receiver.stop();
  }, 30_000);
});
