import type { Call } from '../../src/calls/domain/call.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import { recordsAlways } from '../../src/calls/domain/recording.js';
import type { Capture, Exchange, StoredChange } from './capture.js';
import { ladder } from './ladder.js';
import { Stage } from './stage.js';

/** One way that the operation can go. */
export interface Run {
  title: string;
  /** What happens, and what the caller sees. */
  text: string;
  play(stage: Stage): Promise<void>;
}

export interface OperationPage {
  /** Of the file in docs/operations. */
  name: string;
  title: string;
  runs: Run[];
}

/** Plays the runs, each with a service of its own, and writes down what happened. */
export async function playPage({ title, runs }: OperationPage): Promise<string> {
  const sections = await Promise.all(
    runs.map(async (run) => `## ${run.title}\n\n${run.text}\n\n${await play(run)}`),
  );
  return `# ${title}

Generated from captured runs by \`npm run docs\`. Left out: \`100 Trying\`, retransmissions, what was needed to get to where a run begins, and the recording of baruser, who is always recorded. The audio goes through the service (\`MEDIA=relay\`).

${sections.join('\n\n')}
`;
}

async function play(run: Run): Promise<string> {
  const stage = new Stage();
  try {
    await stage.start();
    await run.play(stage);
    await stage.capture.quiet();
    return normalised(shown(stage.capture), stage.capture.callIds);
  } finally {
    await stage.stop();
  }
}

function shown({ exchanges, changes, callIds, arrows }: Capture): string {
  return [
    ...(exchanges.length > 0 ? ['Over REST:', exchanges.map(exchange).join('\n\n')] : []),
    ...(changes.length > 0 ? ['The calls:', changesTable(changes, callIds)] : []),
    ...(arrows.some(({ dialog }) => dialog !== undefined)
      ? ['On the wire:', ladder(arrows)]
      : ['On the wire nothing at all is sent.']),
  ].join('\n\n');
}

function exchange({ method, path, body, answer }: Exchange): string {
  const request = `${method} …/calls/${path}`;
  const lines = body === undefined ? [request] : [request, '', JSON.stringify(body)];
  return [
    '```http',
    ...lines,
    '',
    `HTTP/1.1 ${answer.status}`,
    '',
    JSON.stringify(answer.body, null, 2),
    '```',
  ].join('\n');
}

/** Call by call, since those of different calls overtake each other. */
function changesTable(changes: StoredChange[], callIds: string[]): string {
  const rows = callIds.flatMap((callId) =>
    changes
      .filter(({ call, fact }) => call.callId === callId && !(isAboutRecording(fact) && recordsAlways(call)))
      .map(({ call, fact }) => [call.owner.userId, callId, fact.kind, call.state, whatOf(fact, call)]),
  );
  const head = ['user', 'call', 'fact', 'state', 'more'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function isAboutRecording({ kind }: CallFact): boolean {
  return kind.startsWith('recording');
}

function whatOf(fact: CallFact, { recordingState }: Call): string {
  if (isAboutRecording(fact)) return `recording ${recordingState ?? 'None'}`;
  if (fact.kind === 'released') return `${fact.cause}, by ${fact.by}`;
  return 'remoteParty' in fact && fact.remoteParty ? `remote party ${fact.remoteParty.address}` : '';
}

/** Ids and times that differ from run to run. */
function normalised(text: string, callIds: string[]): string {
  const sessions: string[] = [];
  return text
    .replaceAll(/callhalf-\d+:0/g, (id) => `callhalf-${callIds.indexOf(id) + 1}:0`)
    .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => {
      if (!sessions.includes(id)) sessions.push(id);
      return `00000000-0000-4000-8000-${String(sessions.indexOf(id) + 1).padStart(12, '0')}`;
    })
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}/g, 'yyyy-mm-ddThh:mm:ss.ffffff');
}
