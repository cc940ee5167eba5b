import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import { fastify as createFastify, type FastifyInstance } from 'fastify';

/** Swagger UI: its files come from here, its icons are data, and its template has styles in it. */
const PAGES: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    directives: {
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      // It is served over plain HTTP, too, where nothing would load.
      'upgrade-insecure-requests': null,
    },
  },
};

/** JSON: nothing of it is to be shown as a page. The other headers of helmet are about pages. */
const DATA: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** Headers that tell browsers to be careful with what they got (helmet). */
export async function addSecurityHeaders(fastify: FastifyInstance): Promise<void> {
  const [pages, data] = await Promise.all([headersOf(PAGES), headersOf(DATA)]);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.url.startsWith('/docs') ? pages : data);
    done();
  });
}

/** Helmet would work them out anew for each answer, which takes longer than the rest of the request. */
async function headersOf(options: FastifyHelmetOptions): Promise<Record<string, string>> {
  const once = createFastify();
  await once.register(helmet, options);
  const headers: Record<string, string> = {};
  once.get('/', async (_request, { raw }) => {
    for (const name of raw.getHeaderNames()) headers[name] = String(raw.getHeader(name));
    return headers;
  });
  await once.inject('/');
  await once.close();
  return headers;
}
