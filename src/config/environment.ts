import { z } from 'zod';
import { ENGINE_SETTINGS } from './engine-settings.js';
import { duration, optional, port, read, text, withDefault } from './setting.js';
import {
  SIGNATURE_ALGORITHMS,
  parseAlgorithms,
  parseOrigins,
  parseProxies,
  parseRate,
  parseUrl,
} from './values.js';

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
    description: 'Virtual phones and a virtual trunk inside the service, with ENGINE=sip only.',
    allowed: 'on or off',
    default: 'on with the demo directory, off with DIRECTORY_FILE',
  }),
  ...ENGINE_SETTINGS,
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
