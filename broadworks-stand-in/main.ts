/** `npm run broadworks-stand-in -- [--port 8100] [--world FILE] [--username …] [--password …]`. */
import { parseArgs } from 'node:util';
import { StandIn } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8100' },
    host: { type: 'string', default: '127.0.0.1' },
    world: { type: 'string' },
    username: { type: 'string', default: 'admin' },
    password: { type: 'string', default: 'admin-secret' },
  },
});
const { port, host, world, username, password } = values;
const standIn = new StandIn({ username, password, ...(world !== undefined && { world }) });
const url = await standIn.listen({ port: Number(port), host });
console.log(`BroadWorks stand-in on ${url}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void standIn.close().then(() => process.exit(0)));
}
