import type { Device, Group, User, UserRef } from '../domain/user.js';

/** Who exists: tenants, groups, users and their devices. Answers from memory, so it may be asked on every request. */
export abstract class Directory {
  abstract findUser(ref: UserRef): User | undefined;
  abstract findGroup(tenantId: string, groupId: string): Group | undefined;
  /** @param number E.164 office number, unique over all tenants */
  abstract findUserByNumber(number: string): User | undefined;
  /** The group whose IMRN pool holds the number. @param number E.164 */
  abstract findGroupByImrn(number: string): Group | undefined;
  abstract findUserByExtension(tenantId: string, groupId: string, extension: string): User | undefined;
  /** @param addressOfRecord `user@host`, without scheme; compared without regard to the case of the host */
  abstract findDevice(addressOfRecord: string): { user: User; device: Device } | undefined;
  abstract users(): Iterable<User>;
}
