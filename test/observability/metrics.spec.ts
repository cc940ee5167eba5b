import { Peer } from '../sip/support/peer.js';
import { ClustersFile } from '../support/broadworks/clusters-file.js';
import { StandIn } from '../support/broadworks/stand-in.js';
import { exchange, request } from '../support/raw-http.js';
import type { RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';
import { scrape, scrapeUntil } from '../support/scrape.js';
import { eventually } from '../support/wait.js';

const CALLS = '/api/v1/tenants/:tenantId/groups/:groupId/users/:userId/services/calls';
const ANSWERS = '+3212345678';
const BUSY = '+3212345680';
const REQUESTS = 'call_service_http_request_duration_seconds_count';
const RELEASED = 'call_service_calls_released_total';

describe('the metrics of a service', () => {
  let service: SandboxService;
  let foo: RestClient;
  beforeEach(async () => {
    service = new SandboxService();
    await service.start();
    foo = await service.as('foouser');
  });
  afterEach(() => service.close());

  it('count requests by the pattern of their route, by method and by status', async () => {
    await foo.dial(ANSWERS);
    const { callId } = await foo.only('Active');
    await foo.send('GET', `${callId}/`);
    expect((await foo.send('GET', 'callhalf-1:0/')).status).toBe(404);
    const it = await found((each) => each.value(REQUESTS, { route: `${CALLS}/:callId`, status: '404' }) > 0);
    expect(it.value(REQUESTS, { route: CALLS, method: 'POST', status: '201' })).toBe(1);
    expect(it.value(REQUESTS, { route: `${CALLS}/:callId`, method: 'GET', status: '200' })).toBe(1);
    expect(it.value(REQUESTS, { route: `${CALLS}/:callId`, method: 'GET', status: '404' })).toBe(1);
  });

  it('tell calls by state, how long their set-up took, and why they ended', async () => {
    await foo.dial(ANSWERS);
    const { callId } = await foo.only('Active');
    const up = await found((it) => it.value('call_service_calls', { state: 'Active' }) === 1);
    expect(up.value('call_service_calls')).toBe(1);
    expect(up.value('call_service_sessions')).toBe(1);
    expect(up.value('call_service_calls_begun_total', { origin: 'api' })).toBe(1);
    for (const milestone of ['device_answered', 'remote_ringing', 'answered']) {
      expect([milestone, up.value('call_service_call_setup_seconds_count', { milestone })]).toEqual([
        milestone,
        1,
      ]);
    }
    // The virtual trunk rings for 300 ms.
    const seconds = up.value('call_service_call_setup_seconds_sum', { milestone: 'answered' });
    expect(seconds).toBeGreaterThan(0.25);
    expect(seconds).toBeLessThan(5);

    await foo.hold(callId);
    await found((it) => it.value('call_service_calls', { state: 'Held' }) === 1);
    await foo.release(callId);
    await foo.dial(BUSY);
    await foo.none();
    const over = await found((it) => it.value(RELEASED, { cause: 'busy', answered: 'false' }) === 1);
    expect(over.value(RELEASED, { cause: 'normal', answered: 'true' })).toBe(1);
    expect(over.value(RELEASED)).toBe(2);
    expect(over.value('call_service_calls')).toBe(0);
  });

  it('know the calls that a former process left', async () => {
    await foo.dial(ANSWERS);
    await foo.only('Active');
    await service.stop();
    await service.start();
    await found((it) => it.value('call_service_calls', { state: 'Active' }) === 1);
  });

  it('tell recordings by state and what has happened to them', async () => {
    await foo.dial(ANSWERS);
    const { callId } = await foo.only('Active');
    expect((await foo.modify(callId, 'startRecording')).status).toBe(200);
    await found((it) => it.value('call_service_recordings', { state: 'Started' }) === 1);
    expect((await foo.modify(callId, 'stopRecording')).status).toBe(200);
    const over = await found(
      (it) => it.value('call_service_recording_changes_total', { change: 'stopped' }) === 1,
    );
    expect(over.value('call_service_recording_changes_total', { change: 'started' })).toBe(1);
    expect(over.value('call_service_recordings')).toBe(0);
  });

  it('count SIP messages both ways, what is repeated, and the phones that are registered', async () => {
    const before = await scrape(service.url);
    expect(before.value('call_service_registrations')).toBe(8);
    const sip = 'call_service_sip_requests_total';
    expect(before.value(sip, { direction: 'received', method: 'REGISTER' })).toBe(16);
    expect(before.value('call_service_sip_responses_total', { direction: 'sent', class: '4xx' })).toBe(8);

    await foo.dial(ANSWERS);
    await foo.only('Active');
    const peer = await Peer.open();
    const options = optionsFrom(peer, 'OPTIONS');
    peer.send(options, service.sip.port);
    await eventually(
      () => peer.responses()[0],
      () => 'no answer',
    );
    peer.send(options, service.sip.port);
    const after = await found(
      (it) => it.value('call_service_sip_retransmissions_total', { direction: 'received' }) === 1,
    );
    expect(after.value('call_service_sip_retransmissions_total', { direction: 'sent' })).toBe(1);
    expect(after.value(sip, { direction: 'received', method: 'OPTIONS' })).toBe(2);
    expect(after.value(sip, { direction: 'sent', method: 'INVITE' })).toBeGreaterThanOrEqual(2);
    expect(after.value(sip, { direction: 'sent', method: 'ACK' })).toBeGreaterThanOrEqual(2);
    expect(
      after.value('call_service_sip_responses_total', { direction: 'received', class: '2xx' }),
    ).toBeGreaterThanOrEqual(2);
  });

  it('tell how long the store takes, the event loop, and which parts are up', async () => {
    await foo.dial(ANSWERS);
    await foo.only('Active');
    const it = await found((each) => each.value('call_service_calls', { state: 'Active' }) === 1);
    expect(
      it.value('call_service_store_operation_seconds_count', { operation: 'calls.save' }),
    ).toBeGreaterThan(2);
    expect(it.value('call_service_store_operation_seconds_sum', { operation: 'calls.save' })).toBeGreaterThan(
      0,
    );
    expect(it.value('call_service_store_failures_total')).toBe(0);
    expect(it.value('call_service_journal_backlog_steps')).toBe(0);
    expect(it.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(it.value('call_service_event_loop_busy_seconds_total')).toBeGreaterThan(0);
    expect(it.value('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(it.value('call_service_part_up')).toBe(5);
    expect(it.value('call_service_part_degraded')).toBe(0);
  });

  it('are in the text format of Prometheus, need no token, and hold nothing of a person', async () => {
    const callId = await foo.dial(ANSWERS);
    await foo.only('Active');
    const answer = await fetch(`${service.url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const { text } = await found((it) => it.value('call_service_calls') === 1);
    for (const secret of [ANSWERS, '12345678', callId, 'foouser', 'foogroup', 'example.test', '127.0.0.1'])
      expect(text).not.toContain(secret);
  });

  it('get no new series from paths, methods, statuses and SIP methods that a stranger makes up', async () => {
    const peer = await Peer.open();
    const hostile = async (from: number, to: number) => {
      for (let each = from; each < to; each++) {
        await fetch(`${service.url}/made-up-${each}/${'x'.repeat(each)}`, { method: 'GET' });
        await fetch(`${service.url}/metrics/${each}?a=${each}`, { method: 'DELETE' });
        for (const method of METHODS) await exchange(service.port, request(method, `/x${each}`, {}));
        await foo.send('GET', `callhalf-${each}:0/`);
        peer.send(optionsFrom(peer, `MADEUP${each}`), service.sip.port);
        peer.send(optionsFrom(peer, `X-${'y'.repeat(each)}`), service.sip.port);
      }
    };
    const received = { direction: 'received', method: 'other' };
    await scrape(service.url);
    await hostile(1, 2);
    const before = await found((it) => it.value('call_service_sip_requests_total', received) === 2);
    await hostile(2, 30);
    const after = await found((it) => it.value('call_service_sip_requests_total', received) === 58);
    expect(ofTheService(before.series).length).toBeGreaterThan(100);
    const known = new Set(before.series);
    expect(ofTheService(after.series).filter((each) => !known.has(each))).toEqual([]);
    expect(after.value(REQUESTS, { route: 'none', status: '404' })).toBeGreaterThan(50);
    expect(after.value(REQUESTS, { method: 'other' })).toBeGreaterThan(50);
  });

  const found = (wanted: Parameters<typeof scrapeUntil>[1]) => scrapeUntil(service.url, wanted);
});

describe('the metrics of a service before a BroadWorks cluster', () => {
  let standIn: StandIn;
  let clusters: ClustersFile;
  let service: SandboxService;
  beforeAll(async () => {
    standIn = await StandIn.start();
    clusters = new ClustersFile({ demo: standIn.url });
    service = new SandboxService(clusters.env);
    await service.start();
  });
  afterAll(async () => {
    await service.close();
    await standIn.stop();
    clusters.remove();
  });

  it('count what it is asked, with what came of it, and what it tells', async () => {
    const cluster = 'demo';
    const requests = 'call_service_switch_requests_total';
    await scrapeUntil(service.url, (it) => it.value('call_service_switch_channel_held', { cluster }) === 1);
    const foo = await service.as('foouser');
    await foo.dial(ANSWERS);
    const { callId } = await foo.only('Active');
    const busy = await scrapeUntil(
      service.url,
      (it) => it.value('call_service_switch_events_total', { cluster }) >= 3,
    );
    expect(busy.value(requests, { cluster, for: 'actions', outcome: 'answered' })).toBeGreaterThanOrEqual(1);
    expect(busy.value(requests, { cluster, for: 'events', outcome: 'answered' })).toBeGreaterThanOrEqual(3);
    expect(busy.value(requests, { cluster, outcome: 'unavailable' })).toBe(0);
    await standIn.stop();
    await foo.release(callId);
    const away = await scrapeUntil(
      service.url,
      (it) => it.value(requests, { cluster, outcome: 'unavailable' }) > 0,
    );
    expect(away.value('call_service_switch_events_total', { cluster })).toBe(
      busy.value('call_service_switch_events_total', { cluster }),
    );
  });
});

describe('two services in one process', () => {
  const one = new SandboxService();
  const two = new SandboxService();
  beforeAll(async () => {
    await one.start();
    await two.start();
  });
  afterAll(async () => {
    await one.close();
    await two.close();
  });

  it('count their own', async () => {
    const foo = await one.as('foouser');
    await foo.dial(ANSWERS);
    await foo.only('Active');
    await scrapeUntil(one.url, (it) => it.value('call_service_calls') === 1);
    expect((await scrape(two.url)).value('call_service_calls_begun_total')).toBe(0);
  });
});

describe('METRICS=off', () => {
  const service = new SandboxService({ METRICS: 'off' });
  beforeAll(() => service.start());
  afterAll(() => service.close());

  it('leaves nothing at /metrics; the health is there all the same', async () => {
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });
});

/** Those that Node's server takes and this service does not. */
const METHODS = ['PROPFIND', 'MKCOL', 'PURGE', 'REPORT', 'SEARCH'];

/** Without what the runtime tells of itself, such as its open handles. */
function ofTheService(series: string[]): string[] {
  return series.filter((each) => each.startsWith('call_service_'));
}

function optionsFrom(peer: Peer, method: string): string {
  const id = Math.random().toString(36).slice(2);
  return [
    `${method} sip:nobody@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    `From: <sip:stranger@127.0.0.1>;tag=${id}`,
    'To: <sip:nobody@127.0.0.1>',
    `Call-ID: ${id}`,
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
