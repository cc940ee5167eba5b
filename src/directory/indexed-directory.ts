import { Directory } from './application/directory.js';
import type { Device, Group, User, UserRef } from './domain/user.js';

interface GroupEntry {
  group: Group;
  users: Map<string, User>;
  extensions: Map<string, User>;
}

/** A directory that does not change, with an index for every question. */
export class IndexedDirectory extends Directory {
  readonly #tenants = new Map<string, Map<string, GroupEntry>>();
  readonly #numbers = new Map<string, User>();
  readonly #imrns = new Map<string, Group>();
  readonly #devices = new Map<string, { user: User; device: Device }>();
  readonly #users: readonly User[];

  /** @param users unique as the loader checks them; each in one of the groups @throws Error for a user without group */
  constructor(groups: Iterable<Group>, users: Iterable<User>) {
    super();
    for (const group of groups) {
      const tenant = this.#tenants.get(group.tenantId) ?? new Map<string, GroupEntry>();
      this.#tenants.set(group.tenantId, tenant);
      tenant.set(group.groupId, { group, users: new Map(), extensions: new Map() });
      for (const number of group.imrnPool ?? []) this.#imrns.set(number, group);
    }
    this.#users = [...users];
    for (const user of this.#users) this.#add(user);
  }

  #add(user: User): void {
    const entry = this.#entry(user.ref.tenantId, user.ref.groupId);
    if (!entry) throw new Error(`User ${user.ref.userId} is in no group of the directory.`);
    entry.users.set(user.ref.userId, user);
    if (user.extension !== undefined) entry.extensions.set(user.extension, user);
    if (user.phoneNumber !== undefined) this.#numbers.set(user.phoneNumber, user);
    for (const device of user.devices) this.#devices.set(deviceKey(device.addressOfRecord), { user, device });
  }

  #entry(tenantId: string, groupId: string): GroupEntry | undefined {
    return this.#tenants.get(tenantId)?.get(groupId);
  }

  findUser(ref: UserRef): User | undefined {
    return this.#entry(ref.tenantId, ref.groupId)?.users.get(ref.userId);
  }

  findGroup(tenantId: string, groupId: string): Group | undefined {
    return this.#entry(tenantId, groupId)?.group;
  }

  findUserByNumber(number: string): User | undefined {
    return this.#numbers.get(number);
  }

  findGroupByImrn(number: string): Group | undefined {
    return this.#imrns.get(number);
  }

  findUserByExtension(tenantId: string, groupId: string, extension: string): User | undefined {
    return this.#entry(tenantId, groupId)?.extensions.get(extension);
  }

  findDevice(addressOfRecord: string): { user: User; device: Device } | undefined {
    return this.#devices.get(deviceKey(addressOfRecord));
  }

  users(): Iterable<User> {
    return this.#users;
  }
}

/** The user part keeps its case, the host has none (RFC 3261 §19.1.4). */
export function deviceKey(addressOfRecord: string): string {
  const at = addressOfRecord.indexOf('@') + 1;
  return addressOfRecord.slice(0, at) + addressOfRecord.slice(at).toLowerCase();
}
