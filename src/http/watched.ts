import { RouteConfig } from '@nestjs/platform-fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked every few seconds by machines: neither counted, logged nor traced. */
    watched?: boolean;
  }
}

/** A route that probes and scrapers ask: they must not be kept from it, and nobody wants to read of them. */
export const Watched = (): MethodDecorator => RouteConfig({ watched: true });
