export interface Selector {
  metric: string;
  /** Labels that are matched; the value where the expression names it. */
  labels: { name: string; value?: string }[];
}

/** Words of PromQL that stand where names of metrics could. */
const WORDS = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'and',
  'or',
  'unless',
  'offset',
  'bool',
  'group_left',
]);
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;

/** A pattern that is but a list of values. */
const ALTERNATIVES = /^\w+(?:\|\w+)+$/;
const TOKEN = /"(?:[^"\\]|\\.)*"|([a-zA-Z_:][\w:]*)\s*(\{(?:[^}"]|"(?:[^"\\]|\\.)*")*\})?(\s*\()?/g;

/** The metrics that an expression reads, as far as dashboards and alert rules of this repository write them. */
export function selectorsOf(expression: string): Selector[] {
  const selectors: Selector[] = [];
  // Grouping lists hold labels, and ranges no metric.
  const bare = expression
    .replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ');
  for (const [, metric, braces = '', call] of bare.matchAll(TOKEN)) {
    if (metric === undefined || call !== undefined || WORDS.has(metric)) continue;
    if (/^\d/.test(metric) || /^(?:\d+)?[smhd]$/.test(metric)) continue;
    const labels = [...braces.matchAll(MATCHER)].flatMap(([, name = '', operator, value = '']) => {
      if (operator === '=') return [{ name, value }];
      const alternatives = operator === '=~' && ALTERNATIVES.test(value) ? value.split('|') : [];
      return alternatives.length > 0 ? alternatives.map((each) => ({ name, value: each })) : [{ name }];
    });
    selectors.push({ metric, labels });
  }
  return selectors;
}

/** Labels by which an expression groups or that its legend shows. */
export function groupingsOf(text: string): string[] {
  const groups = [...text.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  return groups.filter((label) => label !== '');
}
