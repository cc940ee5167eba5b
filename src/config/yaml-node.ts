/** A mistake in a document: where, as keys and positions from its root, and what. */
export interface Finding {
  path: (string | number)[];
  message: string;
}

/** A part of a document that may hold other mistakes, so nothing is taken for granted. */
export interface Node {
  value: unknown;
  path: (string | number)[];
}

export function root(document: unknown): Node {
  return { value: document, path: [] };
}

export function child(node: Node, key: string): Node {
  const value: unknown =
    node.value !== null && typeof node.value === 'object' ? Reflect.get(node.value, key) : undefined;
  return { value, path: [...node.path, key] };
}

export function items(node: Node, key: string): Node[] {
  const found = child(node, key);
  if (!Array.isArray(found.value)) return [];
  return found.value.map((value: unknown, index) => ({ value, path: [...found.path, index] }));
}

/** Undefined for all that is no text. */
export function textOf({ value }: Node): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** `tenants[0].groups[1].id` */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${key}` : key),
    '',
  );
}

/** Notes what is given twice. @param what the word for it in mistakes */
export function uniqueness(findings: Finding[], what: string) {
  const seen = new Map<string, Node>();
  return (node: Node, key: (text: string) => string = (text) => text): void => {
    const text = textOf(node);
    if (text === undefined) return;
    const first = seen.get(key(text));
    if (!first) seen.set(key(text), node);
    else
      findings.push({
        path: node.path,
        message: `${what} ${text} is given already at ${pathText(first.path)}`,
      });
  };
}
