import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readYaml } from '../../../config/yaml-file.js';
import { child, type Finding, items, root, textOf, uniqueness } from '../../../config/yaml-node.js';
import type { User } from '../../../directory/domain/user.js';
import type { ClusterSettings } from '../xsi/xsi-client.js';
import { CLUSTERS_SCHEMA } from './clusters-schema.js';
import { findPasswordMistakes, passwordOf } from './passwords.js';

/**
 * Reads the file of the clusters: where each is, and as whom it is asked.
 * @param users of the directory, whose clusters must be there
 * @throws FileMistakes, or the system's error when the file cannot be read
 */
export function readClusters(file: string, users: Iterable<User>): ClusterSettings[] {
  const folder = dirname(file);
  const { clusters } = readYaml(readFileSync(file, 'utf8'), file, CLUSTERS_SCHEMA, (content) => [
    ...findConflicts(content, folder),
    ...findMissing(content, users),
  ]);
  return clusters.map((cluster) => {
    const { id, url, username, timeout, maxConcurrent } = cluster;
    const own = cluster.users.map((user) => [user.id, passwordOf(user, folder)]);
    return {
      id,
      url,
      username,
      password: passwordOf(cluster, folder),
      ...(own.length > 0 && { userPasswords: Object.fromEntries(own) as Record<string, string> }),
      timeoutMs: timeout,
      maxConcurrent,
    };
  });
}

/** Ids given twice, and passwords that are not there; also in documents with other mistakes. */
function findConflicts(document: unknown, folder: string): Finding[] {
  const findings: Finding[] = [];
  const clusterIds = uniqueness(findings, 'cluster');
  for (const cluster of items(root(document), 'clusters')) {
    clusterIds(child(cluster, 'id'));
    const userIds = uniqueness(findings, 'user');
    const users = items(cluster, 'users');
    for (const user of users) userIds(child(user, 'id'));
    for (const entry of [cluster, ...users]) findings.push(...findPasswordMistakes(entry, folder));
  }
  return findings;
}

/** Clusters that the directory names and the file lacks, each once. */
function findMissing(document: unknown, users: Iterable<User>): Finding[] {
  const known = new Set(items(root(document), 'clusters').map((cluster) => textOf(child(cluster, 'id'))));
  const lacking = new Map<string, User[]>();
  for (const user of users) {
    const { cluster } = user.switchAccount ?? {};
    if (cluster === undefined || known.has(cluster)) continue;
    const without = lacking.get(cluster);
    if (without) without.push(user);
    else lacking.set(cluster, [user]);
  }
  return [...lacking].map(([cluster, [first, ...others]]) => {
    const { tenantId = '', groupId = '', userId = '' } = first?.ref ?? {};
    const whose = `user ${userId} of tenant ${tenantId}, group ${groupId}`;
    const more = others.length > 0 ? `, and of ${others.length} more` : '';
    return {
      path: ['clusters'],
      message: `has no ${cluster}, which the directory names as the cluster of ${whose}${more}`,
    };
  });
}
