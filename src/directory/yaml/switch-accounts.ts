import { child, type Finding, items, type Node, root, textOf, uniqueness } from '../../config/yaml-node.js';
import type { SwitchAccount } from '../domain/user.js';

interface TenantEntry {
  switchDomain?: string | undefined;
  cluster?: string | undefined;
}

interface UserEntry {
  id?: string | undefined;
  switchUserId?: string | undefined;
  cluster?: string | undefined;
}

/** What a user is on a switch outside: what the entry of the user says, else that of the tenant. */
export function switchAccountOf(user: UserEntry, tenant: TenantEntry): Partial<SwitchAccount> {
  const { id, switchUserId, cluster = tenant.cluster } = user;
  const { switchDomain } = tenant;
  const ofDomain = id !== undefined && switchDomain !== undefined ? `${id}@${switchDomain}` : undefined;
  const userId = switchUserId ?? ofDomain;
  return { ...(userId !== undefined && { userId }), ...(cluster !== undefined && { cluster }) };
}

/** Accounts given twice, for which case does not count, and halves of one: a cluster or a user id alone. */
export function findAccountConflicts(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const clusters = new Map<string, ReturnType<typeof uniqueness>>();
  for (const tenant of items(root(document), 'tenants')) {
    const users = items(tenant, 'groups').flatMap((group) => items(group, 'users'));
    findings.push(...halvesOfTenant(tenant, users));
    for (const user of users) {
      const half = halfOfUser(user, tenant);
      if (half) findings.push(half);
      const { cluster, userId } = switchAccountOf(entryOf(user), entryOf(tenant));
      if (half || cluster === undefined || userId === undefined) continue;
      const unique = clusters.get(cluster) ?? uniqueness(findings, `on cluster ${cluster} the user`);
      clusters.set(cluster, unique);
      unique({ value: userId, path: namedAt(user).path }, (text) => text.toLowerCase());
    }
  }
  return findings;
}

function halvesOfTenant(tenant: Node, users: Node[]): Finding[] {
  const findings: Finding[] = [];
  if (has(tenant, 'switchDomain') && ![tenant, ...users].some((entry) => has(entry, 'cluster')))
    findings.push({
      path: child(tenant, 'switchDomain').path,
      message: 'needs a cluster, of the tenant or of users',
    });
  const nameless = users.find((user) => !has(user, 'cluster') && !has(user, 'switchUserId'));
  if (has(tenant, 'cluster') && !has(tenant, 'switchDomain') && nameless)
    findings.push({
      path: child(tenant, 'cluster').path,
      message: `needs a switchDomain, or a switchUserId of each user: ${textOf(child(nameless, 'id')) ?? 'one'} has none`,
    });
  return findings;
}

function halfOfUser(user: Node, tenant: Node): Finding | undefined {
  const named = has(user, 'switchUserId');
  if (named && !has(user, 'cluster') && !has(tenant, 'cluster'))
    return { path: namedAt(user).path, message: 'needs a cluster, of the user or of the tenant' };
  if (has(user, 'cluster') && !named && !has(tenant, 'switchDomain'))
    return {
      path: child(user, 'cluster').path,
      message: 'needs a switchUserId, or a switchDomain of the tenant',
    };
  const { cluster, userId = '' } = switchAccountOf(entryOf(user), entryOf(tenant));
  return cluster !== undefined && !named && userId.split('@').length > 2
    ? { path: namedAt(user).path, message: 'has an @, so that a switchUserId is needed' }
    : undefined;
}

/** Where the user id on the switch comes from. */
function namedAt(user: Node): Node {
  return child(user, has(user, 'switchUserId') ? 'switchUserId' : 'id');
}

function has(node: Node, key: string): boolean {
  return child(node, key).value !== undefined;
}

function entryOf(node: Node): TenantEntry & UserEntry {
  const keys = ['id', 'switchDomain', 'switchUserId', 'cluster'] as const;
  return Object.fromEntries(keys.map((key) => [key, textOf(child(node, key))]));
}
