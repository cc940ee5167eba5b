import pino from 'pino';

/** Lines that wait for a reader; those beyond it are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
const MAX_TURN_CHARACTERS = 64 * 1024;
const EXIT_FLUSH_MS = 500;

export interface LogSink {
  write(line: string): void;
}

/**
 * Standard output, written beside the event loop. A reader that has stopped or gone never holds up the process: lines
 * are dropped, and counted where somebody reads again.
 * @param onDropped when lines can be written again after so many were lost
 */
export function openStdout(onDropped: (lines: number) => void): LogSink {
  // Touching the stream makes a pipe non-blocking. Otherwise a full one would hold a thread that files and
  // cryptography need, and the exit of the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

  let giveUpAt = Number.POSITIVE_INFINITY;
  const destination = pino.destination({
    dest: process.stdout.fd,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    retryEAGAIN: () => performance.now() < giveUpAt,
  });
  destination.on('error', () => undefined);

  let dropped = 0;
  destination.on('drop', (lines: string) => (dropped += linesIn(lines)));
  destination.on('drain', () => {
    if (dropped === 0) return;
    const lost = dropped;
    dropped = 0;
    onDropped(lost);
  });

  // One write for all the lines of a turn of the event loop.
  let turn = '';
  const pass = () => {
    const lines = turn;
    turn = '';
    try {
      if (lines !== '') destination.write(lines);
    } catch {
      // Closed.
    }
  };

  // pino calls it when the process exits.
  const flush = destination.flushSync.bind(destination);
  destination.flushSync = () => {
    pass();
    giveUpAt = Math.min(giveUpAt, performance.now() + EXIT_FLUSH_MS);
    try {
      flush();
    } catch {
      // Nobody reads.
    }
  };
  return {
    write: (line) => {
      if (turn === '') setImmediate(pass);
      turn += line;
      if (turn.length > MAX_TURN_CHARACTERS) pass();
    },
  };
}

function linesIn(text: string): number {
  let count = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) count++;
  return count;
}
