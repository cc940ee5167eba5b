/** A call whose audio rtpengine carries and captures, and its recording. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const CALLS = 'http://127.0.0.1:3000/api/v1/tenants/foo/groups/foogroup/users/baruser/services/calls/';
const PATIENCE_MS = 15_000;

async function until(what, look) {
  for (const giveUpAt = Date.now() + PATIENCE_MS; ; await delay(200)) {
    const found = await look();
    if (found.done) return found.value;
    if (Date.now() > giveUpAt) throw new Error(`${what}: ${JSON.stringify(found.value)}`);
  }
}

/** @returns a line about the recording. @throws Error when there is none */
export async function recordedCall(token, volumes) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (method, path, body) => {
    const answer = await fetch(CALLS + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { callId } = await ask('POST', '', { phoneNumber: '+3212345678' });
  await until('The call is not recorded', async () => {
    const call = await ask('GET', `${callId}/`);
    return { done: call.state === 'Active' && call.recordingState === 'Started', value: call };
  });
  const captures = readdirSync(join(volumes, 'spool/pcaps'));
  if (captures.length === 0) throw new Error('rtpengine captures nothing');
  await delay(2_000);
  await ask('DELETE', `${callId}/`);
  const folder = join(volumes, 'recordings');
  return until('The recording is not complete', async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    const [sidecar] = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    const { durationMs, bytes, state } = sidecar ?? {};
    const value = `a recorded call through rtpengine: ${state}, ${durationMs} ms, ${bytes} bytes of WAV`;
    return { done: state === 'complete', value };
  });
}
