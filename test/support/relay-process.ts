/**
 * The relay in a process of its own, that may be killed. Runs by itself (see from-source.mjs). Argument: the options
 * as JSON. Over IPC: `{id, call, args}` is answered by `{id, value}` or `{id, error}`, what fails by itself told as
 * `{failed}`.
 */
import { RelayMedia } from '../../src/media/relay/relay-media.js';

interface Question {
  id: number;
  call: 'offer' | 'answer' | 'startRecording' | 'pauseRecording';
  args: unknown[];
}

const media = new RelayMedia(
  JSON.parse(process.argv[2] ?? '') as ConstructorParameters<typeof RelayMedia>[0],
);
media.onRecordingFailed = (_bridgeId, failed, reason) => process.send?.({ failed, reason });
process.once('disconnect', () => process.exit());
process.on('message', ({ id, call, args }: Question) => {
  const asked = (media[call] as (...args: unknown[]) => Promise<unknown>).apply(media, args);
  asked.then(
    // The bridge has the details that the relay noted in it.
    (value) => process.send?.({ id, value, bridge: args[0] }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
await media.start();
process.send?.('ready');
