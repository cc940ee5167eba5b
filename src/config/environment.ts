import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from './duration.js';

/** What an operator reads about a variable; the configuration page is generated from it. */
export interface VariableNote {
  description: string;
  /** Completes the sentence "allowed: …". */
  allowed: string;
  /** What holds when the variable is not set, in words where it depends on another one. */
  default?: string;
  /** The value is never shown. */
  secret?: true;
}

/** Where calls to numbers outside the directory go. */
export interface Trunk {
  transport: 'udp' | 'tcp';
  /** Host name or IP address; IPv6 without brackets. */
  host: string;
  port: number;
}

const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** A string that `read` turns into a value, or refuses by returning undefined. */
const read = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: 'not allowed' });
    return z.NEVER;
  });

const optional = <S extends z.ZodType>(schema: S, note: VariableNote) => schema.optional().meta({ ...note });

/** A variable with a default, which is written as an operator would write it. */
const withDefault = <S extends z.ZodType>(schema: S, note: VariableNote & { default: string }) =>
  z
    .string()
    .default(note.default)
    .pipe(schema as z.ZodType<z.output<S>, string>)
    .meta({ ...note });

const port = () =>
  read((text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined));
const duration = (min: number, max: number) =>
  read((text) => {
    const value = parseDuration(text);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });
const text = () => z.string().min(1).max(500);
const claim = () => z.string().regex(/^[\w:./-]{1,100}$/);

function parseUrl(value: string, protocols: string[]): URL | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url && protocols.includes(url.protocol) ? url : undefined;
}

function parseTrunk(value: string): Trunk | undefined {
  const match = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?(?:;transport=(udp|tcp))?$/i.exec(
    value,
  );
  const host = match?.[1] ?? match?.[2];
  const number = Number(match?.[3] ?? 5060);
  if (!host || number < 1 || number > 65_535 || (match?.[1] && isIP(host) !== 6)) return undefined;
  return { transport: match?.[4]?.toLowerCase() === 'tcp' ? 'tcp' : 'udp', host, port: number };
}

function parseAlgorithms(value: string): string[] | undefined {
  const names = value.split(',').map((name) => name.trim());
  return names.every((name) => SIGNATURE_ALGORITHMS.includes(name)) ? [...new Set(names)] : undefined;
}

const DIGEST_ALGORITHMS = ['SHA-256', 'MD5'] as const;

function parseDigestAlgorithms(value: string): (typeof DIGEST_ALGORITHMS)[number][] | undefined {
  const names = value.split(',').map((name) => name.trim());
  const known = DIGEST_ALGORITHMS.filter((name) => names.includes(name));
  return known.length === names.length ? known : undefined;
}

/** The environment of the service: one entry per variable. Durations become milliseconds. */
export const ENVIRONMENT = z.object({
  PORT: withDefault(port(), {
    description: 'TCP port of the REST interface and the documentation.',
    allowed: 'a port from 0 to 65535, 0 picks a free one',
    default: '3000',
  }),
  HOST: withDefault(z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/), {
    description:
      'Address the REST interface listens on. All of them by default: every request needs a token.',
    allowed: 'an IP address or host name of this machine',
    default: '0.0.0.0',
  }),
  DATA_DIR: withDefault(text(), {
    description: 'Folder of the embedded store and of the own token key; made when missing.',
    allowed: 'a path of up to 500 characters',
    default: './data',
  }),
  DATABASE_URL: optional(
    read((value) => (parseUrl(value, ['postgres:', 'postgresql:']) ? value : undefined)),
    {
      description: 'PostgreSQL that keeps the calls, instead of the embedded store in DATA_DIR.',
      allowed: 'an address that begins with postgres:// or postgresql://',
      default: 'none: the embedded store',
      secret: true,
    },
  ),
  DIRECTORY_FILE: optional(text(), {
    description: 'YAML file of tenants, groups, users and devices; read again when it changes.',
    allowed: 'a path of up to 500 characters',
    default: 'none: the demo directory',
  }),
  SANDBOX: optional(z.enum(['on', 'off']), {
    description: 'Virtual phones and a virtual trunk inside the service.',
    allowed: 'on or off',
    default: 'on with the demo directory, off with DIRECTORY_FILE',
  }),
  ENGINE: withDefault(z.enum(['sip']), {
    description: 'The telephone switch behind the service.',
    allowed: 'sip',
    default: 'sip',
  }),
  SIP_BIND: withDefault(
    read((value) => (isIP(value) > 0 && !/^[0:.]+$/.test(value) ? value : undefined)),
    {
      description:
        'Address of the SIP engine, UDP and TCP. Phones are told it, so they must be able to reach it.',
      allowed: 'one IP address of this machine, not 0.0.0.0 or ::',
      default: '127.0.0.1',
    },
  ),
  SIP_PORT: withDefault(port(), {
    description: 'Port of the SIP engine, UDP and TCP.',
    allowed: 'a port from 0 to 65535, 0 picks a free one',
    default: '5060',
  }),
  SIP_TRUNK: optional(read(parseTrunk), {
    description: 'Where calls to numbers outside the directory go.',
    allowed: 'host[:port][;transport=udp|tcp], such as trunk.example.com:5060;transport=tcp',
    default: 'none: the virtual trunk with the sandbox, otherwise such calls are refused',
  }),
  SIP_DIGEST_ALGORITHMS: withDefault(read(parseDigestAlgorithms), {
    description:
      'Digest algorithms that phones are offered. Only for phones that know RFC 8760 may SHA-256 be among them: older ones, such as baresip 1.0, give up at a challenge that they do not know.',
    allowed: 'MD5, SHA-256 or SHA-256,MD5',
    default: 'MD5',
  }),
  RING_TIMEOUT: withDefault(duration(100, 600_000), {
    description: "How long the user's devices, and then the called party, may ring.",
    allowed: 'a duration from 100ms to 10m, such as 60s',
    default: '60s',
  }),
  SIP_COMMAND_TIMEOUT: withDefault(duration(100, 32_000), {
    description: 'How long a phone has to confirm a hold, a reconnect or another change of its call.',
    allowed: 'a duration from 100ms to 32s, such as 5s',
    default: '5s',
  }),
  SESSION_EXPIRES: withDefault(duration(90_000, 86_400_000), {
    description: 'SIP session interval (RFC 4028): a call whose phone is gone ends within it.',
    allowed: 'a duration from 90s to 24h, such as 1800s',
    default: '1800s',
  }),
  JWKS_URL: optional(
    read((value) => {
      const url = parseUrl(value, ['https:', 'http:']);
      return url && !url.username && !url.password ? value : undefined;
    }),
    {
      description: 'Keys of the issuer of tokens. Without it the service signs tokens with a key of its own.',
      allowed: 'an https:// or http:// address without user name and password',
      default: 'none: an own key in DATA_DIR',
    },
  ),
  JWT_ISSUER: optional(text(), {
    description: 'The `iss` that tokens must have.',
    allowed: 'a text of up to 500 characters; required with JWKS_URL',
    default: 'call-service, with the own key only',
  }),
  JWT_AUDIENCE: optional(text(), {
    description: 'The `aud` that tokens must have or contain.',
    allowed: 'a text of up to 500 characters; required with JWKS_URL',
    default: 'call-service, with the own key only',
  }),
  JWT_ALGORITHMS: withDefault(read(parseAlgorithms), {
    description: 'Signature algorithms accepted with JWKS_URL. Neither none nor a shared secret (HS256…).',
    allowed: `a list with commas out of ${SIGNATURE_ALGORITHMS.join(', ')}`,
    default: 'RS256,PS256,ES256,EdDSA',
  }),
  CLAIM_TENANT: withDefault(claim(), {
    description: 'Claim that holds the tenant id of the caller.',
    allowed: 'the name of a claim: letters, digits and _ : . / -',
    default: 'tenant',
  }),
  CLAIM_GROUP: withDefault(claim(), {
    description: 'Claim that holds the group id of the caller.',
    allowed: 'the name of a claim: letters, digits and _ : . / -',
    default: 'group',
  }),
  CLAIM_USER: withDefault(claim(), {
    description: 'Claim that holds the user id of the caller.',
    allowed: 'the name of a claim: letters, digits and _ : . / -',
    default: 'sub',
  }),
  CLAIM_ROLE: withDefault(claim(), {
    description: 'Claim that holds the role: EndUser, GroupAdmin, TenantAdmin or SystemAdmin.',
    allowed: 'the name of a claim: letters, digits and _ : . / -',
    default: 'role',
  }),
  LOG_LEVEL: withDefault(z.enum(['fatal', 'error', 'warn', 'info', 'debug']), {
    description: 'Least important level that is logged.',
    allowed: 'fatal, error, warn, info or debug',
    default: 'info',
  }),
});
