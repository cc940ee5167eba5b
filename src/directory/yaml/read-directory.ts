import { LineCounter, type Document, isMap, isNode, isScalar, parseDocument, visit } from 'yaml';
import type { Group, User } from '../domain/user.js';
import { IndexedDirectory } from '../indexed-directory.js';
import { DIRECTORY_SCHEMA, type DirectoryDocument } from './directory-schema.js';
import { type Finding, findConflicts, pathText } from './find-conflicts.js';

export interface Mistake {
  /** From 1. */
  line: number;
  /** `tenants[0].groups[0].users[2].extension`; empty for a mistake of the YAML itself. */
  field: string;
  message: string;
}

/** The file is no directory; all of its mistakes, in the order of their lines. */
export class DirectoryMistakes extends Error {
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

/**
 * Reads a directory from YAML text.
 * @param file named in mistakes
 * @throws DirectoryMistakes
 */
export function readDirectory(text: string, file: string): IndexedDirectory {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false });
  const unreadable = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  visit(document, {
    Alias: (_, alias) => {
      unreadable.push({ offset: alias.range?.[0] ?? 0, message: 'aliases such as *name are not read' });
    },
  });
  if (unreadable.length > 0)
    throw new DirectoryMistakes(
      file,
      unreadable.map(({ offset, message }) => ({ line: lines.linePos(offset).line, field: '', message })),
    );
  const content: unknown = document.toJS();
  const parsed = DIRECTORY_SCHEMA.safeParse(content);
  const findings = [
    ...(parsed.error?.issues.flatMap((issue) => asFindings(issue, content)) ?? []),
    ...findConflicts(content),
  ];
  if (!parsed.success || findings.length > 0) {
    const mistakes = findings.map(({ path, message }) => ({
      line: lineOf(document, lines, path),
      field: pathText(path),
      message,
    }));
    throw new DirectoryMistakes(
      file,
      mistakes.sort((a, b) => a.line - b.line),
    );
  }
  return build(parsed.data);
}

type Issue = NonNullable<ReturnType<typeof DIRECTORY_SCHEMA.safeParse>['error']>['issues'][number];

function asFindings(issue: Issue, content: unknown): Finding[] {
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

function build(document: DirectoryDocument): IndexedDirectory {
  const groups: Group[] = [];
  const users: User[] = [];
  for (const tenant of document.tenants)
    for (const group of tenant.groups) {
      const names = { tenantId: tenant.id, groupId: group.id };
      const { country, extensionLength, imrnPool } = group;
      groups.push({ ...names, country, extensionLength, imrnPool });
      for (const { id, phoneNumber, extension, ...rest } of group.users)
        users.push({
          ref: { ...names, userId: id },
          ...(phoneNumber !== undefined && { phoneNumber }),
          ...(extension !== undefined && { extension }),
          ...rest,
        });
    }
  return new IndexedDirectory(groups, users);
}
