/** A first call over REST: runs in the service's image, with the data volume that holds the key of tokens. */
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const SERVICE = process.env.CALL_SERVICE_URL ?? 'http://127.0.0.1:3000';
const CALLS = `${SERVICE}/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/`;
const CALLED = '+3212345678';
const PATIENCE_MS = 15_000;

const names = ['--tenant', 'foo', '--group', 'foogroup', '--user', 'foouser'];
const token = execFileSync(process.execPath, ['/app/dist/auth/token-cli.js', ...names], { encoding: 'utf8' });

async function ask(method, path = '', body = undefined) {
  const answer = await fetch(CALLS + path, {
    method,
    headers: { authorization: `Bearer ${token.trim()}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  console.log(`${method} ${path || 'calls/'} ${answer.status} ${text}`);
  if (!answer.ok) throw new Error(`${method} was refused`);
  return JSON.parse(text);
}

const { callId } = await ask('POST', '', { phoneNumber: CALLED });
const giveUpAt = Date.now() + PATIENCE_MS;
for (;;) {
  const { state } = await ask('GET', `${callId}/`);
  if (state === 'Active') break;
  if (Date.now() > giveUpAt) throw new Error(`The call is ${state} after ${PATIENCE_MS} ms`);
  await delay(500);
}
await ask('DELETE', `${callId}/`);
console.log(`The call was answered and released. Try more at ${SERVICE}/docs.`);
