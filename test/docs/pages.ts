import { COMMANDS, TRANSITIONS } from '../../src/calls/domain/call-lifecycle.js';
import { ENVIRONMENT, type VariableNote } from '../../src/config/environment.js';

/** The pages of docs/ that are generated from the code. */
export function generatedPages(): Record<string, string> {
  return { 'docs/call-states.md': callStates(), 'docs/configuration.md': configuration() };
}

function callStates(): string {
  const arrows = Object.entries(TRANSITIONS).flatMap(([from, facts]) =>
    Object.entries(facts).map(([fact, to]) => `  ${id(from)} --> ${id(to)}: ${fact}`),
  );
  const names = Object.keys(TRANSITIONS).map((state) => `  state "${state}" as ${id(state)}`);
  const commands = Object.entries(COMMANDS).map(([name, states]) => `| ${name} | ${states.join(', ')} |`);
  return `# The states of a call

Generated from \`src/calls/domain/call-lifecycle.ts\` by \`npm run docs\`. What is not listed cannot happen. \`Both Held\` shows as \`Held\` on the wire.

\`\`\`mermaid
stateDiagram-v2
${names.join('\n')}
  [*] --> Alerting: dialed, originated, received
${arrows.join('\n')}
  Released --> [*]
\`\`\`

| command | allowed in |
|---|---|
${commands.join('\n')}
`;
}

function configuration(): string {
  const rows = Object.entries(ENVIRONMENT.shape).map(([name, schema]) => {
    const note = schema.meta() as unknown as VariableNote;
    const cells = [`\`${name}\``, note.description, note.allowed, note.default ?? 'none'];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `# Configuration

Generated from \`src/config/environment.ts\` by \`npm run docs\`. A wrong value stops the start with one line that names the variable, what it was and what is allowed.

| variable | what it is | allowed | default |
|---|---|---|---|
${rows.join('\n')}
`;
}

function id(state: string): string {
  return state.replaceAll(' ', '');
}
