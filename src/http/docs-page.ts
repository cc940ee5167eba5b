import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

const OWN = join(import.meta.dirname, 'docs-page');
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** All that is served: the folder of Swagger UI holds more. */
const FILES = [
  'docs.css',
  'docs.js',
  'call-states.svg',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-32x32.png',
];

/**
 * Swagger UI at `/docs/`. The page holds no script and no style of its own and loads files of the service alone, so that
 * it works under a content security policy of `'self'` (images also `data:`, in the style sheet of Swagger UI).
 * @param document the OpenAPI document, asked for once and served at `/docs/openapi.json`
 */
export function serveDocsPage(app: NestFastifyApplication, document: () => object): void {
  const fastify = app.getHttpAdapter().getInstance();
  let json: string | undefined;
  fastify.get('/docs/openapi.json', (_request: FastifyRequest, reply: FastifyReply) => {
    json ??= JSON.stringify(document());
    return reply.type('application/json').send(json);
  });
  void fastify.register(fastifyStatic, { root: [OWN, SWAGGER_UI], serve: false });
  // One route with and without the slash at its end; the page finds its files only with.
  fastify.get('/docs', (request: FastifyRequest, reply: FastifyReply) =>
    /^[^?]*\/(\?|$)/.test(request.url) ? reply.sendFile('index.html') : reply.redirect('/docs/'),
  );
  for (const file of FILES)
    fastify.get(`/docs/${file}`, (_request: FastifyRequest, reply: FastifyReply) => reply.sendFile(file));
}
