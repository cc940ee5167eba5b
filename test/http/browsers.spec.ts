import { CALL_ID } from '../support/fake-calls.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';

const PATH = `${CALLS}/${CALL_ID}/`;
const DESK = 'https://desk.example.com';

const open: WebService[] = [];
async function serve(corsOrigins: string[] = []): Promise<WebService> {
  const web = await startWeb({ corsOrigins, rateLimit: { requests: 3, perMilliseconds: 60_000 } });
  web.calls.add();
  open.push(web);
  return web;
}
afterEach(async () => {
  for (const web of open.splice(0)) await web.close();
});

const preflight = (web: WebService, origin: string) =>
  fetch(web.url + PATH, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

describe('headers that make a browser careful', () => {
  test('are in answers of the API, which are no pages', async () => {
    const { headers } = await (await serve()).ask('GET', PATH);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'strict-transport-security': expect.stringContaining('max-age='),
      'referrer-policy': 'no-referrer',
    });
  });

  test('are in refusals, too', async () => {
    const web = await serve();
    for (const path of [PATH, '/nowhere']) {
      const { headers } = await fetch(web.url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('let Swagger UI use what it needs and nothing from elsewhere', async () => {
    const page = await fetch(`${(await serve()).url}/docs`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    expect(policy).toContain("img-src 'self' data:");
    expect(policy).not.toContain('upgrade-insecure-requests');
    const scripts = [...(await page.text()).matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    // An inline script would not run.
    for (const [, inline] of scripts) expect(inline?.trim()).toBe('');
  });
});

describe('pages of other origins', () => {
  test('get nothing unless they are named', async () => {
    const web = await serve();
    const { headers } = await web.ask('GET', PATH, undefined, { origin: DESK });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect((await preflight(web, DESK)).status).toBe(405);
  });

  test('may use the API when they are named', async () => {
    const web = await serve([DESK]);
    const allowed = await preflight(web, DESK);
    expect(allowed.status).toBe(204);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': DESK,
      'access-control-allow-methods': expect.stringContaining('PUT'),
      'access-control-allow-headers': expect.stringContaining('authorization'),
    });
    const { headers } = await web.ask('GET', PATH, undefined, { origin: DESK });
    expect(headers.get('access-control-allow-origin')).toBe(DESK);
    expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
    expect(headers.get('access-control-expose-headers')).toContain('calls-from');
  });

  test('that are named read refusals as well, of the rate, too', async () => {
    const web = await serve([DESK]);
    for (const status of [401, 401, 401, 429]) {
      const refused = await fetch(web.url + PATH, { headers: { origin: DESK } });
      expect(refused.status).toBe(status);
      expect(refused.headers.get('access-control-allow-origin')).toBe(DESK);
    }
  });

  test('that are not named get nothing, also where others are', async () => {
    const web = await serve([DESK]);
    const { headers } = await web.ask('GET', PATH, undefined, { origin: 'https://evil.example' });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(
      (await preflight(web, 'https://evil.example')).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  test('all may where * is allowed', async () => {
    const web = await serve(['*']);
    expect((await preflight(web, 'https://any.example')).headers.get('access-control-allow-origin')).toBe(
      '*',
    );
  });
});
