import { z } from 'zod';
import { list, map } from '../../config/yaml-file.js';
import { isE164, isKnownCountry } from '../../numbering/domain/phone-number.js';
import { RECORDING_MODES } from '../domain/user.js';

/** Ids are parts of a path: nothing that a path or a log line reads otherwise. */
const id = z
  .string('must be a text')
  .regex(/^(?!\.{1,2}$)[\p{L}\p{N}._@+-]{1,100}$/u, 'must be 1 to 100 letters, digits or . _ @ + -');

const number = z
  .string('must be a text')
  .refine(isE164, 'must be a phone number in E.164, such as +3212345678');

const yesOrNo = z
  .enum(['true', 'false'], 'must be true or false')
  .default('true')
  .transform((value) => value === 'true');

/** Names a switch outside, in the file of switches. */
const cluster = id.optional();

const device = map({
  addressOfRecord: z
    .string('must be a text')
    .regex(/^[\w.!~*'()&=+$-]{1,64}@[A-Za-z0-9.-]{1,253}$/, 'must be user@host'),
  password: z.string('must be a text').regex(/^[\x20-\x7e]{1,128}$/, 'must be 1 to 128 ASCII characters'),
  sandbox: yesOrNo,
});

const user = map({
  id,
  phoneNumber: number.optional(),
  extension: z
    .string('must be a text')
    .regex(/^[0-9]+$/, 'must be digits')
    .optional(),
  mobileNumbers: list(number).default([]),
  recordingMode: z.enum(RECORDING_MODES, `must be one of ${RECORDING_MODES.join(', ')}`).default('Never'),
  devices: list(device).default([]),
  switchUserId: z
    .string('must be a text')
    .regex(/^[\p{L}\p{N}.!~*'&=+$_-]{1,100}@[A-Za-z0-9.-]{1,253}$/u, 'must be user@domain')
    .optional(),
  cluster,
});

const group = map({
  id,
  country: z.string('must be a text').refine(isKnownCountry, 'must be an ISO 3166 country such as BE'),
  extensionLength: z
    .string('must be a number')
    .regex(/^([2-9]|1[0-2])$/, 'must be a number from 2 to 12')
    .transform(Number),
  imrnPool: list(number).default([]),
  users: list(user).default([]),
});

const tenant = map({
  id,
  switchDomain: z
    .string('must be a text')
    .regex(/^[A-Za-z0-9.-]{1,253}$/, 'must be a domain such as acme.example')
    .optional(),
  cluster,
  groups: list(group).default([]),
});

export const DIRECTORY_SCHEMA = map({ tenants: list(tenant) });
export type DirectoryDocument = z.output<typeof DIRECTORY_SCHEMA>;
