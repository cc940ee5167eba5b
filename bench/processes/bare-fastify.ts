import fastify from 'fastify';

/** What a GET costs at least: one route that returns a constant object. Arguments: the path, the object as JSON. */
const [path = '', json = '{}'] = process.argv.slice(2);
const body = JSON.parse(json) as object;
const server = fastify();
server.get(path, () => body);
await server.listen({ port: 0, host: '127.0.0.1' });
console.log(`port ${(server.server.address() as { port: number }).port}`);
