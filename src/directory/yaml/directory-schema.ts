import { z } from 'zod';
import { isE164, isKnownCountry } from '../../numbering/domain/phone-number.js';
import { RECORDING_MODES } from '../domain/user.js';

/** The directory file. Every scalar arrives as text, so that `+3212345600`, `0123` and `NO` stay what they are. */

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

const list = <S extends z.ZodType>(item: S) => z.array(item, 'must be a list');
const map = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a mapping' : undefined),
  });

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

const tenant = map({ id, groups: list(group).default([]) });

export const DIRECTORY_SCHEMA = map({ tenants: list(tenant) });
export type DirectoryDocument = z.output<typeof DIRECTORY_SCHEMA>;
