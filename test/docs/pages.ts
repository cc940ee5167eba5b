import type { Call } from '../../src/calls/domain/call.js';
import { COMMANDS, TRANSITIONS } from '../../src/calls/domain/call-lifecycle.js';
import {
  allowedRecordingControls,
  judgeRecording,
  RECORDING_COMMANDS,
  RECORDING_TRANSITIONS,
} from '../../src/calls/domain/recording.js';
import { ENVIRONMENT } from '../../src/config/environment.js';
import type { VariableNote } from '../../src/config/setting.js';
import { RECORDING_MODES, type RecordingMode } from '../../src/directory/domain/user.js';
import { table } from './table.js';
import { after, aNewCall } from '../support/some-calls.js';
import { stateDiagram } from './state-diagram.js';

/** The pages of docs/ that are generated from the code, and the picture on the page of the API. */
export function generatedPages(): Record<string, string> {
  return {
    'docs/call-states.md': callStates(),
    'docs/configuration.md': configuration(),
    'src/http/docs-page/call-states.svg': stateDiagram(),
  };
}

function callStates(): string {
  const commands = Object.entries(COMMANDS).map(([name, states]) => [name, states.join(', ')]);
  return `# The states of a call and of its recording

Generated from \`src/calls/domain/call-lifecycle.ts\` and \`src/calls/domain/recording.ts\` by \`npm run docs\`. What is not listed cannot happen.

## The call

\`Both Held\` shows as \`Held\` on the wire.

${diagram(TRANSITIONS, '[*] --> Alerting: dialed, originated, received', 'Released --> [*]')}

${table(['command', 'allowed in'], commands)}

Of a call that is \`Alerting\`, only one that the user receives can be transferred blindly, and only one that the user dialled can be the consulted one of a consultative transfer. What the recording commands need besides is below.

## Its recording

\`None\`: nothing is recorded, and the call has no \`recordingState\`. A recording ends with its call.

${diagram(RECORDING_TRANSITIONS, '[*] --> None')}

${table(['state', 'what happens', 'leads to'], recordingRows())}

\`allowedRecordingControls\`, by the recording mode of the user and the state of the recording, while the call is established; \`none\` while it is \`Detached\`, absent before the answer:

${table(['mode', ...RECORDING_STATES], RECORDING_MODES.map(controlsRow))}

What a command is answered: _done_; _in effect_, a success that changes nothing; or the reason, whose text is in [ADR 10](adr/0010-what-error-59-means.md).

${table(['mode', 'state', ...RECORDING_COMMANDS], RECORDING_MODES.flatMap(judgementRows))}
`;
}

type RecordingState = keyof typeof RECORDING_TRANSITIONS;
const RECORDING_STATES = Object.keys(RECORDING_TRANSITIONS) as RecordingState[];

function recordingRows(): string[][] {
  return Object.entries(RECORDING_TRANSITIONS).flatMap(([from, facts]) =>
    Object.entries(facts).map(([fact, to]) => [from, fact, to]),
  );
}

function controlsRow(mode: RecordingMode): string[] {
  const cells = RECORDING_STATES.map((state) =>
    canBe(mode, state) ? `\`${allowedRecordingControls(recorded(mode, state))}\`` : '',
  );
  return [mode, ...cells];
}

function judgementRows(mode: RecordingMode): string[][] {
  const shown = { do: '_done_', inEffect: '_in effect_' } as Record<string, string>;
  return RECORDING_STATES.filter((state) => canBe(mode, state)).map((state) => {
    const judgements = RECORDING_COMMANDS.map((command) => judgeRecording(recorded(mode, state), command));
    return [mode, state, ...judgements.map((judgement) => shown[judgement] ?? judgement)];
  });
}

/** Nothing is recorded where the mode is Never, and nobody can pause where it is Always. */
function canBe(mode: RecordingMode, state: RecordingState): boolean {
  return mode === 'Never' ? state === 'None' : mode !== 'Always' || state !== 'Paused';
}

function recorded(recordingMode: RecordingMode, state: RecordingState): Call {
  const { call } = after({ ...aNewCall().call, recordingMode }, 'answered');
  return state === 'None' ? call : { ...call, recordingState: state };
}

function configuration(): string {
  const rows = Object.entries(ENVIRONMENT.shape).map(([name, schema]) => {
    const note = schema.meta() as unknown as VariableNote;
    const cells = [`\`${name}\``, note.description, note.allowed, note.default ?? 'none'];
    return cells.map((cell) => cell.replaceAll('|', '\\|'));
  });
  return `# Configuration

Generated from \`src/config/environment.ts\` by \`npm run docs\`. A wrong value stops the start with one line that names the variable, what it was and what is allowed.

${table(['variable', 'what it is', 'allowed', 'default'], rows)}
`;
}

function diagram(transitions: Record<string, Partial<Record<string, string>>>, ...ends: string[]): string {
  const [begin = '', end] = ends;
  const lines = [
    ...Object.keys(transitions).map((state) => `state "${state}" as ${id(state)}`),
    begin,
    ...Object.entries(transitions).flatMap(([from, facts]) =>
      Object.entries(facts).map(([fact, to = '']) => `${id(from)} --> ${id(to)}: ${fact}`),
    ),
    ...(end === undefined ? [] : [end]),
  ];
  return ['```mermaid', 'stateDiagram-v2', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

function id(state: string): string {
  return state.replaceAll(' ', '');
}
