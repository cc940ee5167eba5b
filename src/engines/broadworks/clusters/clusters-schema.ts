import { z } from 'zod';
import { parseDuration } from '../../../config/duration.js';
import { list, map } from '../../../config/yaml-file.js';

const text = () => z.string('must be a text');

/** Of HTTP Basic: a colon ends the user name, and no line may end within (RFC 7617). */
const userName = text().regex(/^[^:\p{Cc}]{1,161}$/u, 'must be a user name without a colon');

/** Exactly one of both, see find-conflicts.ts. */
const secret = {
  password: text()
    .regex(/^\P{Cc}{1,200}$/u, 'must be 1 to 200 characters on one line')
    .optional(),
  passwordFile: text()
    .regex(/^.{1,500}$/, 'must be a path of 1 to 500 characters')
    .optional(),
};

const cluster = map({
  id: text().regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$/u,
    'must be 1 to 100 letters, digits or . _ @ + -, as the directory names it',
  ),
  url: text().refine(
    isAddress,
    'must be an http:// or https:// address without user name, password and query',
  ),
  username: userName,
  ...secret,
  users: list(map({ id: userName, ...secret })).default([]),
  timeout: text()
    .default('5s')
    .refine((value) => within(parseDuration(value), 100, 60_000), 'must be a duration from 100ms to 60s')
    .transform((value) => parseDuration(value) ?? 0),
  maxConcurrent: text()
    .default('50')
    .refine(
      (value) => /^\d+$/.test(value) && within(Number(value), 1, 1_000),
      'must be a number from 1 to 1000',
    )
    .transform(Number),
});

/** The file of the clusters; every scalar arrives as text. */
export const CLUSTERS_SCHEMA = map({ clusters: list(cluster) });

/** Credentials have keys of their own, which are kept out of logs. */
function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return ['http:', 'https:'].includes(protocol) && username + password + search + hash === '';
}

function within(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}
