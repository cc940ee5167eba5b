import { randomUUID } from 'node:crypto';
import { RelayMedia } from '#service/media/relay/relay-media.js';
import { answer } from '../support/asked.ts';
import { audioPort, describe } from '../support/descriptions.ts';

/** The relay alone. Argument: the folder of recordings. */
const [recordingsDir = ''] = process.argv.slice(2);
const media = new RelayMedia({ host: '127.0.0.1', ports: { first: 33_000, last: 34_999 }, recordingsDir });
await media.start();
media.onRecordingFailed = (_bridge, _recording, reason) => {
  throw new Error(`a recording has failed: ${reason}`);
};

/** @returns where each party sends to */
async function connect(ports: number[]): Promise<number[]> {
  const targets: number[] = [];
  for (let at = 0; at < ports.length; at += 2) {
    const bridge = { id: randomUUID() };
    const toCallee = await media.offer(bridge, 'caller', describe(ports[at]!));
    const toCaller = await media.answer(bridge, 'callee', describe(ports[at + 1]!));
    targets.push(audioPort(toCaller), audioPort(toCallee));
    const owner = { tenantId: 'foo', groupId: 'foogroup', userId: `user${at}` };
    const subject = { callId: `callhalf-${at}:0`, externalTrackingId: bridge.id, owner };
    await media.startRecording(bridge, { id: randomUUID(), owner: 'caller', subject });
  }
  return targets;
}

answer({ connect });
console.log('ready');
