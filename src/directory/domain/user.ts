/** Names one user of the platform: the three ids of the REST path. */
export interface UserRef {
  tenantId: string;
  groupId: string;
  userId: string;
}

/** The five recording modes of a BroadWorks user. */
export const RECORDING_MODES = [
  'Never',
  'Always',
  'Always with Pause/Resume',
  'On Demand',
  'On Demand with User Initiated Start',
] as const;
export type RecordingMode = (typeof RECORDING_MODES)[number];

/** A SIP phone of a user. */
export interface Device {
  /** `LP_foouser@sip.example.test`: the user part is also the digest user name, the host part its realm. */
  addressOfRecord: string;
  /** Digest password. A secret: never logged. */
  password: string;
  /** False: the sandbox does not play this phone. */
  sandbox?: boolean;
}

/** How a switch outside of the service names a user. */
export interface SwitchAccount {
  /** `foouser@foo.example`; unique in its cluster. */
  userId: string;
  /** The id of the switch, which has an address and credentials elsewhere. */
  cluster: string;
}

export interface User {
  ref: UserRef;
  /** Office number in E.164. */
  phoneNumber?: string;
  extension?: string;
  /** Mobile numbers of the user in E.164, which may call an IMRN. */
  mobileNumbers: string[];
  devices: Device[];
  recordingMode: RecordingMode;
  /** Undefined where the user is on no switch outside. */
  switchAccount?: SwitchAccount;
}

export interface Group {
  tenantId: string;
  groupId: string;
  /** ISO 3166 country in whose national format numbers may be dialled. */
  country: string;
  extensionLength: number;
  /** Numbers in E.164 that may be leased as IMRN. */
  imrnPool?: string[];
}

export function sameUser(a: UserRef, b: UserRef): boolean {
  return a.userId === b.userId && a.groupId === b.groupId && a.tenantId === b.tenantId;
}

/** What others see of a user: the number in E.164, else the extension. Undefined: no charge address. */
export function addressOf(user: User): string | undefined {
  return user.phoneNumber ?? user.extension;
}
