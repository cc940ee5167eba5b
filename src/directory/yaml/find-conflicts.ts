import { child, type Finding, items, root, textOf, uniqueness } from '../../config/yaml-node.js';
import { deviceKey } from '../indexed-directory.js';
import { findAccountConflicts } from './switch-accounts.js';

/**
 * What one entry alone cannot show: ids, numbers, extensions, devices and accounts given twice, and extensions of
 * another length than their group's. Works on documents with other mistakes too, so that all are told at once.
 */
export function findConflicts(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const unique = (what: string) => uniqueness(findings, what);

  const tenantIds = unique('tenant');
  const numbers = unique('number');
  const devices = unique('device');
  for (const tenant of items(root(document), 'tenants')) {
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
        const digits = textOf(extension)?.length ?? length;
        if (length > 0 && digits !== length)
          findings.push({
            path: extension.path,
            message: `must have ${length} digits, the group's extensionLength`,
          });
        for (const device of items(user, 'devices')) devices(child(device, 'addressOfRecord'), deviceKey);
      }
    }
  }
  return [...findings, ...findAccountConflicts(document)];
}
