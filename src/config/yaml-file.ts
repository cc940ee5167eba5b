import { LineCounter, type Document, isMap, isNode, isScalar, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { type Finding, pathText } from './yaml-node.js';

export interface Mistake {
  /** From 1. */
  line: number;
  /** `tenants[0].groups[0].users[2].extension`; empty for a mistake of the YAML itself. */
  field: string;
  message: string;
}

/** The file is not what it should be; all of its mistakes, in the order of their lines. */
export class FileMistakes extends Error {
  constructor(
    readonly file: string,
    readonly mistakes: readonly Mistake[],
  ) {
    const lines = mistakes.map(
      ({ line, field, message }) => `${file}:${line}: ${field}${field && ': '}${message}`,
    );
    super(lines.join('\n'));
  }
}

/** Parts of schemas. Every scalar arrives as text, so that `+3212345600`, `0123` and `NO` stay what they are. */
export const list = <S extends z.ZodType>(item: S) => z.array(item, 'must be a list');
export const map = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a mapping' : undefined),
  });

/**
 * Reads YAML text by a schema.
 * @param file named in mistakes
 * @param findConflicts what the schema alone cannot show; it is given documents with other mistakes too
 * @throws FileMistakes
 */
export function readYaml<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  findConflicts: (content: unknown) => Finding[],
): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false });
  const unreadable = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  visit(document, {
    Alias: (_, alias) => {
      unreadable.push({ offset: alias.range?.[0] ?? 0, message: 'aliases such as *name are not read' });
    },
  });
  if (unreadable.length > 0)
    throw new FileMistakes(
      file,
      unreadable.map(({ offset, message }) => ({ line: lines.linePos(offset).line, field: '', message })),
    );
  const content: unknown = document.toJS();
  const parsed = schema.safeParse(content);
  const findings = [
    ...(parsed.error?.issues.flatMap((issue) => asFindings(issue, content)) ?? []),
    ...findConflicts(content),
  ];
  if (parsed.success && findings.length === 0) return parsed.data;
  const mistakes = findings.map(({ path, message }) => ({
    line: lineOf(document, lines, path),
    field: pathText(path),
    message,
  }));
  throw new FileMistakes(
    file,
    mistakes.sort((a, b) => a.line - b.line),
  );
}

function asFindings(issue: z.core.$ZodIssue, content: unknown): Finding[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a known field' }));
  const value = path.reduce<unknown>((part, key) => Reflect.get(part as object, key), content);
  return [{ path, message: value === undefined ? 'is missing' : issue.message }];
}

/** The line of the key, or of the innermost entry around it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const key = path[depth - 1];
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    const node = pair ? pair.key : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
