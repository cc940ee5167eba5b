import { deviceKey } from '../indexed-directory.js';

/** A mistake in a document: where, as keys and positions from its root, and what. */
export interface Finding {
  path: (string | number)[];
  message: string;
}

/** A part of a document that may hold other mistakes, so nothing is taken for granted. */
interface Node {
  value: unknown;
  path: (string | number)[];
}

/**
 * What one entry alone cannot show: ids, numbers, extensions and devices given twice, and extensions of another
 * length than their group's. Works on documents with other mistakes too, so that all are told at once.
 */
export function findConflicts(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const unique = (what: string) => {
    const seen = new Map<string, Node>();
    return (node: Node, key: (text: string) => string = (text) => text): void => {
      if (typeof node.value !== 'string') return;
      const first = seen.get(key(node.value));
      if (first)
        findings.push({
          path: node.path,
          message: `${what} ${node.value} is given already at ${pathText(first.path)}`,
        });
      else seen.set(key(node.value), node);
    };
  };

  const tenantIds = unique('tenant');
  const numbers = unique('number');
  const devices = unique('device');
  for (const tenant of items({ value: document, path: [] }, 'tenants')) {
    tenantIds(child(tenant, 'id'));
    const groupIds = unique('group');
    for (const group of items(tenant, 'groups')) {
      groupIds(child(group, 'id'));
      const userIds = unique('user');
      const extensions = unique('extension');
      for (const number of items(group, 'imrnPool')) numbers(number);
      for (const user of items(group, 'users')) {
        userIds(child(user, 'id'));
        numbers(child(user, 'phoneNumber'));
        for (const number of items(user, 'mobileNumbers')) numbers(number);
        const extension = child(user, 'extension');
        extensions(extension);
        const length = Number(child(group, 'extensionLength').value);
        if (typeof extension.value === 'string' && length > 0 && extension.value.length !== length)
          findings.push({
            path: extension.path,
            message: `must have ${length} digits, the group's extensionLength`,
          });
        for (const device of items(user, 'devices')) devices(child(device, 'addressOfRecord'), deviceKey);
      }
    }
  }
  return findings;
}

/** `tenants[0].groups[1].id` */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${key}` : key),
    '',
  );
}

function child(node: Node, key: string): Node {
  const value: unknown =
    node.value !== null && typeof node.value === 'object' ? Reflect.get(node.value, key) : undefined;
  return { value, path: [...node.path, key] };
}

function items(node: Node, key: string): Node[] {
  const found = child(node, key);
  if (!Array.isArray(found.value)) return [];
  return found.value.map((value: unknown, index) => ({ value, path: [...found.path, index] }));
}
