import { readYaml } from '../../config/yaml-file.js';
import type { Group, User } from '../domain/user.js';
import { IndexedDirectory } from '../indexed-directory.js';
import { DIRECTORY_SCHEMA, type DirectoryDocument } from './directory-schema.js';
import { findConflicts } from './find-conflicts.js';
import { switchAccountOf } from './switch-accounts.js';

/**
 * Reads a directory from YAML text.
 * @param file named in mistakes
 * @throws FileMistakes
 */
export function readDirectory(text: string, file: string): IndexedDirectory {
  return build(readYaml(text, file, DIRECTORY_SCHEMA, findConflicts));
}

function build(document: DirectoryDocument): IndexedDirectory {
  const groups: Group[] = [];
  const users: User[] = [];
  for (const tenant of document.tenants)
    for (const group of tenant.groups) {
      const names = { tenantId: tenant.id, groupId: group.id };
      const { country, extensionLength, imrnPool } = group;
      groups.push({ ...names, country, extensionLength, imrnPool });
      for (const entry of group.users) {
        const { id, phoneNumber, extension, mobileNumbers, recordingMode, devices } = entry;
        const { userId, cluster } = switchAccountOf(entry, tenant);
        users.push({
          ref: { ...names, userId: id },
          ...(phoneNumber !== undefined && { phoneNumber }),
          ...(extension !== undefined && { extension }),
          mobileNumbers,
          recordingMode,
          devices,
          ...(userId !== undefined && cluster !== undefined && { switchAccount: { userId, cluster } }),
        });
      }
    }
  return new IndexedDirectory(groups, users);
}
