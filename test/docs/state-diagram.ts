import { COMMANDS, TRANSITIONS } from '../../src/calls/domain/call-lifecycle.js';
import type { CallState } from '../../src/calls/domain/call.js';

/** Wide enough for two columns, narrow enough to be legible on a telephone. */
const WIDTH = 400;
const HEIGHT = 505;
const NODE = { width: 112, height: 36 };
const LINE = 15;

/** Drawn as a box around its states: what happens alike in all of them is an arrow of the box. */
const BOX: readonly CallState[] = COMMANDS.startRecording;
const BOX_AT = { x: 10, y: 174, width: 380, height: 206 };
const EVERY = 'every state';
const BEGIN = 'dialed, originated or received';

/** Centres. */
const NODES: Record<CallState, [x: number, y: number]> = {
  Alerting: [84, 88],
  Answered: [316, 88],
  Active: [84, 228],
  Held: [316, 228],
  'Remote Held': [84, 346],
  'Both Held': [316, 346],
  Detached: [84, 480],
  Released: [316, 480],
};

interface Drawing {
  /** Of the arrow, from its tail to its head. */
  line: [x: number, y: number, x: number, y: number];
  /** Where the first line of the label stands. */
  label: [x: number, y: number];
  anchor?: 'start' | 'middle' | 'end';
  /** One word a line. */
  narrow?: true;
}

/** By the arrow's ends; what is written beside it comes from the table. */
const DRAWINGS: Record<string, Drawing> = {
  'Alerting > Answered': { line: [140, 88, 260, 88], label: [200, 68], anchor: 'middle', narrow: true },
  'Alerting > Active': { line: [84, 106, 84, 210], label: [91, 150] },
  'Answered > Active': { line: [290, 106, 140, 214], label: [262, 150] },
  'Active > Held': { line: [140, 220, 260, 220], label: [200, 213], anchor: 'middle' },
  'Held > Active': { line: [260, 236, 140, 236], label: [200, 252], anchor: 'middle' },
  'Active > Remote Held': { line: [69, 246, 69, 328], label: [63, 283], anchor: 'end', narrow: true },
  'Remote Held > Active': { line: [99, 328, 99, 246], label: [105, 276], narrow: true },
  'Held > Both Held': { line: [331, 246, 331, 328], label: [337, 283], narrow: true },
  'Both Held > Held': { line: [301, 328, 301, 246], label: [295, 276], anchor: 'end', narrow: true },
  'Remote Held > Both Held': { line: [140, 338, 260, 338], label: [200, 331], anchor: 'middle' },
  'Both Held > Remote Held': { line: [260, 354, 140, 354], label: [200, 370], anchor: 'middle' },
  'box > Detached': { line: [69, 380, 69, 462], label: [63, 424], anchor: 'end' },
  'Detached > box': { line: [99, 462, 99, 380], label: [105, 409] },
  'every state > Released': { line: [331, 434, 331, 462], label: [340, 412], anchor: 'middle' },
};

/** The states of a call as a picture (SVG). @throws Error where the table and the drawing are not the same */
export function stateDiagram(): string {
  const labels = arrows();
  const known = Object.keys(DRAWINGS);
  const strange = [...labels.keys()].filter((name) => !known.includes(name));
  const missing = known.filter((name) => !labels.has(name));
  if (strange.length + missing.length > 0)
    throw new Error(`Draw in state-diagram.ts: ${strange.join(', ')}; and no more: ${missing.join(', ')}`);
  const parts = [
    `<rect fill="#f7f9fc" stroke="#3b4151" stroke-dasharray="5 4" x="${BOX_AT.x}" y="${BOX_AT.y}" width="${BOX_AT.width}" height="${BOX_AT.height}" rx="12"/>`,
    text('established', [BOX_AT.x + BOX_AT.width - 10, BOX_AT.y + 20], 'end', 'font-style="italic"'),
    `<circle cx="84" cy="12" r="7"/>`,
    line([84, 19, 84, 70]),
    text(BEGIN, [91, 44]),
    ...Object.entries(NODES).map(([state, [x, y]]) => node(state, x, y)),
    ...Object.entries(DRAWINGS).flatMap(([name, drawing]) => arrow(drawing, labels.get(name) ?? [])),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="sans-serif" font-size="13" fill="#3b4151" stroke-width="1.3">
<title>The states of a call</title>
<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

/** What is written beside each arrow. What leaves the state as it is has none. */
function arrows(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [from, facts] of Object.entries(TRANSITIONS) as [CallState, Record<string, CallState>][]) {
    for (const [fact, to] of Object.entries(facts)) {
      if (to === from) continue;
      const back = from === 'Detached' && BOX.includes(to);
      const start = tail(from, fact, to);
      const name = `${start} > ${back ? 'box' : to}`;
      const label = back ? `${words(fact)}: ${to}` : words(fact);
      const labels = found.get(name) ?? [];
      if (start === EVERY) found.set(name, [label, `from ${EVERY}`]);
      else found.set(name, labels.includes(label) ? labels : [...labels, label]);
    }
  }
  return found;
}

function tail(from: CallState, fact: string, to: CallState): string {
  const alike = (states: CallState[]) =>
    states.every((state) => (TRANSITIONS[state] as Record<string, CallState>)[fact] === to);
  if (alike((Object.keys(TRANSITIONS) as CallState[]).filter((state) => state !== to))) return EVERY;
  return BOX.includes(from) && alike([...BOX]) ? 'box' : from;
}

function words(fact: string): string {
  return fact.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function node(state: string, x: number, y: number): string {
  const { width, height } = NODE;
  return `<rect fill="#e3eefa" stroke="#3b4151" x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="10"/>
${text(state, [x, y + 5], 'middle', 'font-size="14" font-weight="bold"')}`;
}

function arrow({ line: ends, label, anchor, narrow }: Drawing, labels: string[]): string[] {
  const lines = narrow ? labels.join(', ').split(' ') : labels;
  const [x, y] = label;
  return [line(ends), ...lines.map((one, index) => text(one, [x, y + index * LINE], anchor))];
}

function line([x1, y1, x2, y2]: Drawing['line']): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#3b4151" marker-end="url(#head)"/>`;
}

function text(content: string, [x, y]: [number, number], anchor = 'start', style = ''): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${style && ` ${style}`}>${content}</text>`;
}
