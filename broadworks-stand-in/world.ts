import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Facts: Xsi-Actions, "Recording modes". */
export type RecordingMode =
  'Always' | 'Never' | 'On Demand' | 'Always with Pause/Resume' | 'On Demand with User Initiated Start';

export interface SwitchUser {
  userId: string;
  /** The password of the user's own credentials; without one only the administrator can act for the user. */
  password?: string;
  name?: string;
  /** E.164. */
  phoneNumber?: string;
  extension?: string;
  mobileNumbers?: string[];
  recordingMode: RecordingMode;
  devices: { addressOfRecord: string; absent?: boolean }[];
}

export interface SwitchGroup {
  id: string;
  /** Digits, to make E.164 of national numbers. */
  countryCode: string;
  imrnPool?: string[];
  users: SwitchUser[];
}

/** What an outside number does when it is called; times in milliseconds, each after the step before. */
export interface OutsideNumber {
  does: 'answers' | 'rings' | 'declines' | 'busy' | 'absent' | 'silent';
  afterMs?: number;
  hangUpAfterMs?: number;
  holdAfterMs?: number;
  resumeAfterMs?: number;
}

/** The file that `--world` names; `demo-world.json` is the default and an example. */
export interface WorldFile {
  groups: SwitchGroup[];
  /** By E.164 number; any other number is not in service. */
  outside: Record<string, OutsideNumber>;
}

/** Whom an address means: a user of the switch, an outside number, or nobody. */
export interface Destination {
  user?: SwitchUser;
  /** As dialled, or E.164. */
  number: string;
}

/** Users, groups and numbers. They do not change while the stand-in runs. */
export class World {
  readonly outside: Record<string, OutsideNumber>;
  readonly groups: SwitchGroup[];
  private readonly users = new Map<string, SwitchUser>();
  private readonly groupOf = new Map<SwitchUser, SwitchGroup>();
  private readonly byNumber = new Map<string, SwitchUser>();
  private readonly byExtension = new Map<string, SwitchUser>();

  constructor(file: WorldFile) {
    this.outside = file.outside;
    this.groups = file.groups;
    for (const group of file.groups) {
      for (const user of group.users) {
        this.users.set(user.userId, user);
        this.groupOf.set(user, group);
        if (user.phoneNumber) this.byNumber.set(user.phoneNumber, user);
        if (user.extension) this.byExtension.set(`${group.id} ${user.extension}`, user);
      }
    }
  }

  static read(path = join(import.meta.dirname, 'demo-world.json')): World {
    return new World(JSON.parse(readFileSync(path, 'utf8')) as WorldFile);
  }

  get everybody(): Iterable<SwitchUser> {
    return this.users.values();
  }

  user(userId: string): SwitchUser | undefined {
    return this.users.get(userId);
  }

  group(user: SwitchUser): SwitchGroup {
    const group = this.groupOf.get(user);
    if (!group) throw new Error(`${user.userId} is in no group`);
    return group;
  }

  sameGroup(one: SwitchUser | undefined, other: SwitchUser | undefined): boolean {
    return one !== undefined && other !== undefined && this.groupOf.get(one) === this.groupOf.get(other);
  }

  /**
   * Facts: Xsi-Actions, "Addresses: E.164, extension, user id, SIP URI or tel URI", and Numbers, "Input".
   * @returns undefined where the text is no address at all
   */
  destination(from: SwitchUser | undefined, address: string): Destination | undefined {
    const bare = address.trim().replace(/^(?:tel|sip):/i, '');
    const user = this.users.get(bare);
    if (user) return { user, number: addressOf(user) ?? bare };
    const digits = bare.replace(/@.*$/, '').replace(/[- ]/g, '');
    if (!/^\+?\d{2,20}$/.test(digits)) return undefined;
    const colleague = from && this.byExtension.get(`${this.group(from).id} ${digits}`);
    if (colleague) return { user: colleague, number: addressOf(colleague) ?? digits };
    const number = this.e164(from, digits);
    const called = this.byNumber.get(number);
    return { number, ...(called && { user: called }) };
  }

  private e164(from: SwitchUser | undefined, digits: string): string {
    if (digits.startsWith('00')) return `+${digits.slice(2)}`;
    if (from && digits.startsWith('0')) return `+${this.group(from).countryCode}${digits.slice(1)}`;
    return digits;
  }
}

/** Facts: Numbers, "output E.164. Extension: digits only". */
export function addressOf(user: SwitchUser): string | undefined {
  return user.phoneNumber ?? user.extension;
}
