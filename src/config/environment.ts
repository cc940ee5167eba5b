/* oxlint-disable max-lines -- one table: an entry per variable of the environment */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from './duration.js';
import {
  SIGNATURE_ALGORITHMS,
  parseUrl,
  parseTrunk,
  parsePortRange,
  parseInstances,
  parseAlgorithms,
  parseRate,
  parseOrigins,
  parseProxies,
  parseDigestAlgorithms,
} from './values.js';

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

const otlpAddress = (value: string) => (parseUrl(value, ['https:', 'http:']) ? value : undefined);

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
  RATE_LIMIT: withDefault(read(parseRate), {
    description:
      'Requests that each token may make in a span of time, and each address with requests without a valid token. Each instance counts for itself; health and metrics are not counted.',
    allowed: 'off, or a number and a duration from 1s to 1h, such as 1000/10s',
    default: '1000/10s',
  }),
  CORS_ORIGINS: withDefault(
    read((value) => (value === 'none' ? [] : parseOrigins(value))),
    {
      description: 'Origins whose pages may use the API from a browser.',
      allowed: 'none, * or a list with commas such as https://desk.example.com,http://localhost:5173',
      default: 'none',
    },
  ),
  TRUSTED_PROXIES: withDefault(
    read((value) => (value === 'none' ? [] : parseProxies(value))),
    {
      description:
        'Proxies in front of the service, whose X-Forwarded-For says what address a request comes from. Without them all clients behind a proxy share its address, and with it the rate of requests without a valid token.',
      allowed: 'none, or a list with commas of addresses and networks, such as 10.0.0.0/8,192.168.1.7',
      default: 'none',
    },
  ),
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
  TRANSFER_TIMEOUT: withDefault(duration(100, 600_000), {
    description: 'How long the target of a transfer rings before the parties are left as they were.',
    allowed: 'a duration from 100ms to 10m, such as 30s',
    default: '30s',
  }),
  RETRIEVE_TIMEOUT: withDefault(duration(100, 600_000), {
    description: "How long the user's other devices ring to take a call over before it stays where it is.",
    allowed: 'a duration from 100ms to 10m, such as 20s',
    default: '20s',
  }),
  MEDIA: withDefault(z.enum(['relay', 'direct']), {
    description:
      'How audio goes between the parties: through the service, or from phone to phone, where nothing can be recorded.',
    allowed: 'relay or direct',
    default: 'relay',
  }),
  RTP_PORTS: withDefault(read(parsePortRange), {
    description: 'UDP ports of the relay on SIP_BIND: a call takes four.',
    allowed: 'a range of at least four ports between 1024 and 65535, such as 10000-19999',
    default: '10000-19999',
  }),
  RTPENGINE: optional(read(parseInstances), {
    description: 'Instances of rtpengine (ng protocol) that carry the audio instead of the relay.',
    allowed: 'a list with commas of address:port, such as 10.0.0.5:2223,10.0.0.6:2223',
    default: 'none',
  }),
  RTPENGINE_SPOOL: optional(text(), {
    description: 'The recording-dir of the rtpengine instances, as this service sees it.',
    allowed: 'a path of up to 500 characters',
    default: 'none: calls through rtpengine are not recorded',
  }),
  RTPENGINE_LEARN_SOURCES: withDefault(z.enum(['on', 'off']), {
    description:
      'Whether rtpengine may hear a phone that does not send from where its description says, as behind NAT. For three seconds after each description it then passes on what comes from anywhere.',
    allowed: 'on or off',
    default: 'on',
  }),
  RECORDINGS_DIR: optional(text(), {
    description: 'Folder of the recordings, made when missing.',
    allowed: 'a path of up to 500 characters',
    default: 'the folder recordings in DATA_DIR',
  }),
  SIP_COMMAND_TIMEOUT: withDefault(duration(100, 32_000), {
    description: 'How long a phone has to confirm a hold, a reconnect or another change of its call.',
    allowed: 'a duration from 100ms to 32s, such as 5s',
    default: '5s',
  }),
  IMRN_TTL: withDefault(duration(1_000, 600_000), {
    description: 'How long a leased number (IMRN) waits for the mobile call that it is to anchor.',
    allowed: 'a duration from 1s to 10m, such as 30s',
    default: '30s',
  }),
  SESSION_EXPIRES: withDefault(duration(90_000, 86_400_000), {
    description: 'SIP session interval (RFC 4028): a call whose phone is gone ends within it.',
    allowed: 'a duration from 90s to 24h, such as 1800s',
    default: '1800s',
  }),
  DRAIN_DELAY: withDefault(duration(0, 600_000), {
    description:
      'How long the service goes on at least after SIGTERM, without new calls: load balancers find out meanwhile that it is not ready any more, and clients that keep connections are asked to leave.',
    allowed: 'a duration from 0s to 10m, such as 5s',
    default: '5s',
  }),
  DRAIN_TIMEOUT: withDefault(duration(0, 86_400_000), {
    description:
      'How long running calls may go on after SIGTERM. Those that are left stay in the store, and the next start carries them on. Whoever ends the process must allow some 5 s more (Kubernetes: terminationGracePeriodSeconds, which the preStop hook counts towards, too).',
    allowed: 'a duration from 0s to 24h, such as 25s',
    default: '25s',
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
  METRICS: withDefault(z.enum(['on', 'off']), {
    description:
      'Metrics for Prometheus at /metrics on PORT, without a token; nothing of a person is in them. Do not route the path to strangers.',
    allowed: 'on or off',
    default: 'on',
  }),
  LOG_LEVEL: withDefault(z.enum(['fatal', 'error', 'warn', 'info', 'debug']), {
    description: 'Least important level that is logged.',
    allowed: 'fatal, error, warn, info or debug',
    default: 'info',
  }),
  LOG_FORMAT: optional(z.enum(['json', 'text']), {
    description:
      'How lines are logged, on standard output: JSON for machines, text for the eyes of a person.',
    allowed: 'json or text',
    default: 'text on a terminal, json elsewhere',
  }),
  LOG_PHONE_NUMBERS: withDefault(z.enum(['on', 'off']), {
    description: 'Whether phone numbers are shown in logs: `+3212345678` instead of `+32•••••78`.',
    allowed: 'on or off',
    default: 'off',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(read(otlpAddress), {
    description:
      'Where traces are sent, by OTLP over HTTP; `/v1/traces` is added. The other OTEL_* variables of the exporter, of the sampler and of the batches hold too, such as OTEL_EXPORTER_OTLP_HEADERS and OTEL_TRACES_SAMPLER.',
    allowed: 'an https:// or http:// address',
    default: 'none: nothing is traced',
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(read(otlpAddress), {
    description: 'The same with the whole path; it goes before OTEL_EXPORTER_OTLP_ENDPOINT.',
    allowed: 'an https:// or http:// address',
    default: 'none',
    secret: true,
  }),
  OTEL_SERVICE_NAME: withDefault(text(), {
    description: 'The name of the service in traces.',
    allowed: 'a text of up to 500 characters',
    default: 'call-service',
  }),
});
