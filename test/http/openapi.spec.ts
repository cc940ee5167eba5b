import { readFile, writeFile } from 'node:fs/promises';
import { INVALID_OPERATION_TEXTS } from '../../src/calls/domain/call-refused.js';
import { REFUSED_MODIFICATIONS } from '../../src/calls/http/examples.js';
import { MODIFY_ACTIONS } from '../../src/calls/http/wire-names.js';
import { PROBLEMS } from '../../src/http/problems.js';
import { exchange, request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';

const COMMITTED = 'openapi.json';

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> };
  security?: object[];
  responses: Record<string, { content?: Record<string, { examples: Record<string, { value: unknown }> }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object; securitySchemes: object };
}

let web: WebService;
let document: Document;
beforeAll(async () => {
  web = await startWeb();
  const answer = await fetch(`${web.url}/docs/openapi.json`);
  document = (await answer.json()) as Document;
  if (process.env.UPDATE_OPENAPI) await writeFile(COMMITTED, `${JSON.stringify(document, null, 2)}\n`);
});
afterAll(() => web.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, method, operation })),
  );

test('the served document is the committed openapi.json (npm run openapi writes it)', async () => {
  expect(document).toEqual(JSON.parse(await readFile(COMMITTED, 'utf8')));
});

test('the operations of the reference are there, with its paths and in its order', () => {
  const base = '/api/v1/tenants/{tenantId}/groups/{groupId}/users/{userId}/services/calls/';
  expect(operations().map(({ name }) => name)).toEqual([
    `post ${base}`,
    `get ${base}`,
    `get ${base}{callId}/`,
    `put ${base}{callId}/`,
    `delete ${base}{callId}/`,
    `post ${base}retrieve/`,
    `post ${base}imrn/`,
  ]);
});

test('every operation has a summary, a description, a tag, bearer authentication and an example of success', () => {
  for (const { operation, method } of operations()) {
    expect(operation).toMatchObject({
      summary: expect.any(String),
      description: expect.any(String),
      tags: ['Call Service'],
      security: [{ bearer: [] }],
    });
    const success = Object.entries(operation.responses).find(([status]) => status < '300');
    expect(success?.[1].content?.['application/json']?.examples).toBeDefined();
    // A browser refuses to send a body with GET.
    expect(operation.requestBody !== undefined).toBe(['post', 'put'].includes(method));
  }
});

test('every refusal has an example of its own, under its own status', () => {
  for (const { operation } of operations()) {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      if (status < '300') continue;
      const examples = Object.values(content?.['application/problem+json']?.examples ?? {});
      expect(examples.length).toBeGreaterThan(0);
      for (const { value } of examples)
        expect(value).toMatchObject({ status: Number(status), type: expect.any(String) });
      expect(new Set(examples.map(({ value }) => (value as { type: string }).type)).size).toBe(
        examples.length,
      );
    }
    expect(Object.keys(operation.responses)).toEqual(
      expect.arrayContaining(['400', '401', '403', '500', '503']),
    );
  }
});

test('the eight actions are there as examples, and each text of code 59 that they can be refused with', () => {
  const modify = operations().find(({ method }) => method === 'put')?.operation;
  expect(Object.keys(modify?.requestBody?.content['application/json']?.examples ?? {})).toEqual([
    ...MODIFY_ACTIONS,
    ...Object.keys(REFUSED_MODIFICATIONS),
  ]);
  const refusals = modify?.responses[400]?.content?.['application/problem+json']?.examples ?? {};
  const texts = Object.values(refusals).map(({ value }) => (value as { detail: string }).detail);
  const { imrnAllocationFailed: _, ...ofModify } = INVALID_OPERATION_TEXTS;
  expect(texts).toEqual(expect.arrayContaining(Object.values(ofModify)));
});

test('every reference in the document leads somewhere', () => {
  const text = JSON.stringify(document);
  for (const [, schema] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(document.components.schemas).toHaveProperty(schema as string);
});

test('no two problems share a type', () => {
  const slugs = Object.values(PROBLEMS).map(({ slug }) => slug);
  expect(new Set(slugs).size).toBe(slugs.length);
});

describe('Swagger UI', () => {
  test.each(['/docs', '/docs/'])('%s loads with all its files from the service itself', async (path) => {
    const page = await fetch(web.url + path);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file as string);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      expect(file).toMatch(/^\.\//);
      const asset = await fetch(new URL(file, page.url));
      expect([file, asset.status]).toEqual([file, 200]);
      await asset.arrayBuffer();
    }
  });

  test('has no script, style or handler in the page, so that it needs no exception from a policy of self', async () => {
    const html = await (await fetch(`${web.url}/docs/`)).text();
    expect(html).not.toMatch(/<style|<script>|style=|\son\w+=|https?:/);
  });

  test('keeps the token over a reload and asks nobody to validate the document', async () => {
    const settings = await (await fetch(`${web.url}/docs/docs.js`)).text();
    expect(settings).toContain('persistAuthorization: true');
    expect(settings).toContain('validatorUrl: null');
  });

  test.each([
    'nothing.js',
    '../../package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e/package.json',
    'package.json',
  ])('the unknown file %s is a problem like any other', async (file) => {
    const [answer] = await exchange(web.port, request('GET', `/docs/${file}`, {}));
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
  });
});

test('the documented paths are served', async () => {
  expect((await web.ask('GET', `${CALLS}/`)).status).toBe(200);
});
