import { isIP } from 'node:net';
import { parseDuration } from './duration.js';

/** Where calls to numbers outside the directory go. */
export interface Trunk {
  transport: 'udp' | 'tcp';
  /** Host name or IP address; IPv6 without brackets. */
  host: string;
  port: number;
}

export const SIGNATURE_ALGORITHMS = [
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

export function parseUrl(value: string, protocols: string[]): URL | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url && protocols.includes(url.protocol) ? url : undefined;
}

export function parseTrunk(value: string): Trunk | undefined {
  const match = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?(?:;transport=(udp|tcp))?$/i.exec(
    value,
  );
  const host = match?.[1] ?? match?.[2];
  const number = Number(match?.[3] ?? 5060);
  if (!host || number < 1 || number > 65_535 || (match?.[1] && isIP(host) !== 6)) return undefined;
  return { transport: match?.[4]?.toLowerCase() === 'tcp' ? 'tcp' : 'udp', host, port: number };
}

/** A range of UDP ports. */
interface PortRange {
  first: number;
  last: number;
}

export function parsePortRange(value: string): PortRange | undefined {
  const [first = 0, last = 0] = (/^(\d{4,5})-(\d{4,5})$/.exec(value) ?? []).slice(1).map(Number);
  return first >= 1024 && last <= 65_535 && last - first >= 3 ? { first, last } : undefined;
}

export function parseInstances(value: string): { host: string; port: number }[] | undefined {
  const instances = value.split(',').flatMap((instance) => {
    const [, host = '', digits] = /^([\d.]+):(\d{1,5})$/.exec(instance.trim()) ?? [];
    const number = Number(digits);
    return isIP(host) === 4 && number > 0 && number <= 65_535 ? [{ host, port: number }] : [];
  });
  return instances.length === value.split(',').length ? instances : undefined;
}

export function parseAlgorithms(value: string): string[] | undefined {
  const names = value.split(',').map((name) => name.trim());
  return names.every((name) => SIGNATURE_ALGORITHMS.includes(name)) ? [...new Set(names)] : undefined;
}

/** A limit such as `1000/10s`. */
export function parseRate(value: string): { requests: number; perMilliseconds: number } | 'off' | undefined {
  if (value === 'off') return 'off';
  const [, count = '', span = ''] = /^(\d{1,9})\/(\w+)$/.exec(value) ?? [];
  const perMilliseconds = parseDuration(span) ?? 0;
  const requests = Number(count);
  const allowed = requests > 0 && perMilliseconds >= 1_000 && perMilliseconds <= 3_600_000;
  return allowed ? { requests, perMilliseconds } : undefined;
}

/** Origins as browsers send them. */
export function parseOrigins(value: string): string[] | undefined {
  const origins = value.split(',').map((origin) => origin.trim());
  return origins.every((each) => each === '*' || parseUrl(each, ['http:', 'https:'])?.origin === each)
    ? origins
    : undefined;
}

export function parseProxies(value: string): string[] | undefined {
  const proxies = value.split(',').map((proxy) => proxy.trim());
  return proxies.every(isNetwork) ? proxies : undefined;
}

/** An address, or one with the bits of its network. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most);
  return isIP(address) > 0 && fits && more.length === 0;
}

const DIGEST_ALGORITHMS = ['SHA-256', 'MD5'] as const;

export function parseDigestAlgorithms(value: string): (typeof DIGEST_ALGORITHMS)[number][] | undefined {
  const names = value.split(',').map((name) => name.trim());
  const known = DIGEST_ALGORITHMS.filter((name) => names.includes(name));
  return known.length === names.length ? known : undefined;
}
