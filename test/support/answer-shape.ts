const VARYING: [RegExp, (match: string, ids: string[]) => string][] = [
  [/callhalf-\d+:\d+/g, (match, ids) => `<call ${numberOf(match, ids)}>`],
  [/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, (match, ids) => `<id ${numberOf(match, ids)}>`],
  [/\b\d{4}(?:-\d\d){2}T(?:\d\d:){2}\d\d\.\d{6}(?![\dZ])/g, () => '<time>'],
  [/\b\d{4}(?:-\d\d){2}T(?:\d\d:){2}\d\d\.\d{3}Z/g, () => '<time in UTC>'],
  [/\b[\da-f]{64}\b/g, () => '<hash>'],
  // Both phones of foouser answer after the same time.
  [/\b(?:LP|MB)_foouser@/g, () => '<device>@'],
];

/** Numbers that depend on how fast things went. */
const MEASURED = new Set(['durationMs', 'bytes', 'atMs']);

/** The place of an id among those seen so far, from 1, so that the same id is the same and another is another. */
function numberOf(id: string, ids: string[]): number {
  if (!ids.includes(id)) ids.push(id);
  return ids.indexOf(id) + 1;
}

/**
 * The value with placeholders where it differs from run to run, and its keys in one order.
 * @param ids seen before; grows
 */
export function answerShape(value: unknown, ids: string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => answerShape(item, ids));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const shapes = entries.map(([key, inner]) => [
      key,
      MEASURED.has(key) ? '<measured>' : answerShape(inner, ids),
    ]);
    return Object.fromEntries(shapes);
  }
  if (typeof value !== 'string') return value;
  return VARYING.reduce(
    (text, [pattern, placeholder]) => text.replaceAll(pattern, (match) => placeholder(match, ids)),
    value,
  );
}
