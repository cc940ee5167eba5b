import { z } from 'zod';
import { DIRECTORY_SCHEMA } from '../../src/directory/yaml/directory-schema.js';
import { table } from './table.js';

/** What each key of the directory file is for. What it may hold comes from the schema. */
const MEANINGS: Record<string, string> = {
  tenants: 'all tenants',
  'tenants.id': 'in the path of requests and in tokens; unique',
  'tenants.switchDomain':
    'with `ENGINE=broadworks`: the domain of the user ids on the switch, of users without a `switchUserId`',
  'tenants.cluster': 'with `ENGINE=broadworks`: the switch of the users, by its id in `BROADWORKS_FILE`',
  'tenants.groups': 'the groups of the tenant',
  'tenants.groups.id': 'as above; unique in the tenant',
  'tenants.groups.country': 'in whose national format numbers may be dialled',
  'tenants.groups.extensionLength': 'how many digits each extension of the group has',
  'tenants.groups.imrnPool': 'numbers that are leased to anchor mobile calls; no user has one of them',
  'tenants.groups.users': 'the users of the group',
  'tenants.groups.users.id': 'as above; unique in the group',
  'tenants.groups.users.phoneNumber': 'the office number, which others see; unique in the file',
  'tenants.groups.users.extension': 'short number within the group; unique in it',
  'tenants.groups.users.mobileNumbers': 'from which the user may call an IMRN; unique in the file',
  'tenants.groups.users.recordingMode': 'what is recorded ([the modes](call-states.md#its-recording))',
  'tenants.groups.users.devices': 'the SIP phones of the user; all of them ring',
  'tenants.groups.users.devices.addressOfRecord':
    'what the phone registers: its user name, and the domain, which is also the realm; unique in the file',
  'tenants.groups.users.devices.password': 'of the phone; never logged',
  'tenants.groups.users.devices.sandbox':
    'whether the sandbox plays this phone while no real one is registered',
  'tenants.groups.users.switchUserId':
    'the user id on the switch; unique on it. Without it: `id`, @ and the `switchDomain` of the tenant',
  'tenants.groups.users.cluster': 'where it is another one than that of the tenant: the switch of the user',
};

interface Key {
  path: string;
  allowed: string;
  /** Undefined: must be there. */
  otherwise: string | undefined;
}

/** A page on the file of DIRECTORY_FILE. @throws Error where a key has no meaning here, or a meaning no key */
export function directoryPage(): string {
  const keys = keysOf(DIRECTORY_SCHEMA, '');
  const paths = keys.map(({ path }) => path);
  const odd = [
    ...paths.filter((path) => MEANINGS[path] === undefined),
    ...Object.keys(MEANINGS).filter((path) => !paths.includes(path)),
  ];
  if (odd.length > 0) throw new Error(`MEANINGS and the schema differ in ${odd.join(', ')}`);
  const rows = keys.map(({ path, allowed, otherwise }) => [
    `\`${path}\``,
    MEANINGS[path] ?? '',
    allowed,
    otherwise ?? '**required**',
  ]);
  return `# The directory file

Generated from \`src/directory/yaml/directory-schema.ts\` by \`npm run docs\`. An example is in [operators.md](operators.md#the-directory), another one is served by default: \`src/directory/demo-directory.yaml\`.

${table(['key', 'what it is', 'what it may hold', 'without it'], rows)}

A user with neither \`phoneNumber\` nor \`extension\` cannot dial. A user without a cluster, of the user or of the tenant, is on no switch, and cannot dial with \`ENGINE=broadworks\`. Unknown keys are mistakes, and so are YAML aliases. All mistakes are told at once, each with its line.
`;
}

function keysOf(schema: z.ZodType, path: string): Key[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, value]) => {
    const inner = unwrapped(value);
    const item = inner instanceof z.ZodArray ? unwrapped(inner.element as z.ZodType) : inner;
    const at = path ? `${path}.${key}` : key;
    const allowed = `${item === inner ? '' : 'a list, each '}${mayHold(item)}`;
    return [{ path: at, allowed, otherwise: withoutIt(value) }, ...keysOf(item, at)];
  });
}

/** Without its default, its being optional and what is made of its value. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrapped(schema.in as z.ZodType) : schema;
}

/** In the words in which the service refuses an empty text. */
function mayHold(schema: z.ZodType): string {
  if (schema instanceof z.ZodObject) return 'as below';
  return (schema.safeParse('').error?.issues[0]?.message ?? '').replace(/^must be /, '');
}

function withoutIt(schema: z.ZodType): string | undefined {
  const { success, data } = schema.safeParse(undefined);
  if (!success) return undefined;
  if (data === undefined || (Array.isArray(data) && data.length === 0)) return 'none';
  return `\`${String(data)}\``;
}
