import type { UserRef } from '../../directory/domain/user.js';

/** Each role may do what the ones before it may. */
export const ROLES = ['EndUser', 'GroupAdmin', 'TenantAdmin', 'SystemAdmin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as their token says. */
export interface Caller extends Partial<UserRef> {
  role: Role;
}

/** The ids that a token of the role must have, and that must be those of the user it acts for. */
export const NAMED_BY: Readonly<Record<Role, readonly (keyof UserRef)[]>> = {
  EndUser: ['tenantId', 'groupId', 'userId'],
  GroupAdmin: ['tenantId', 'groupId'],
  TenantAdmin: ['tenantId'],
  SystemAdmin: [],
};

export function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}

/** Whether the caller may act for the user; says nothing on whether the user exists. */
export function mayActFor(caller: Caller, user: UserRef): boolean {
  return NAMED_BY[caller.role].every((id) => caller[id] === user[id]);
}
