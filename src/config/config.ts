import type { z } from 'zod';
import { ENVIRONMENT } from './environment.js';
import type { VariableNote } from './setting.js';

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Name>;

type Environment = z.output<typeof ENVIRONMENT>;

/** The environment, checked: `RING_TIMEOUT` is `ringTimeout`, in milliseconds like all durations. */
export type Config = {
  readonly [Name in keyof Omit<Environment, 'SANDBOX'> as CamelCase<Name>]: Environment[Name];
} & { readonly sandbox: boolean };

/** Injection token of the Config. */
export const CONFIG = Symbol('CONFIG');

/** A variable of the environment holds what it may not. The message is one line for the operator. */
export class ConfigError extends Error {}

/**
 * Checks the environment. Variables that are empty count as not set; others than ours are ignored.
 * @throws ConfigError naming the variable, its value (secrets not shown) and what is allowed
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = ENVIRONMENT.safeParse(given);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]) as keyof Environment;
    throw refusal(name, given[name]);
  }
  const { SANDBOX, ...rest } = parsed.data;
  if (rest.JWKS_URL && !rest.JWT_ISSUER) throw refusal('JWT_ISSUER', undefined);
  if (rest.JWKS_URL && !rest.JWT_AUDIENCE) throw refusal('JWT_AUDIENCE', undefined);
  if (rest.ENGINE === 'broadworks' && !rest.BROADWORKS_FILE) throw refusal('BROADWORKS_FILE', undefined);
  const wanted = SANDBOX ? SANDBOX === 'on' : rest.DIRECTORY_FILE === undefined;
  const sandbox = wanted && rest.ENGINE === 'sip';
  const entries = Object.entries(rest).map(([name, value]) => [camelCase(name), value]);
  return Object.freeze({ ...Object.fromEntries(entries), sandbox }) as Config;
}

function refusal(name: keyof Environment, value: string | undefined): ConfigError {
  const note = ENVIRONMENT.shape[name].meta() as unknown as VariableNote;
  const was = note.secret ? 'a value that is not shown here' : quoted(value);
  return new ConfigError(`${name} is ${value === undefined ? 'not set' : was}; allowed: ${note.allowed}.`);
}

/** On one line, whatever it holds. */
function quoted(value: string | undefined): string {
  const text = JSON.stringify(value ?? '').replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '?');
  return text.length > 120 ? `${text.slice(0, 120)}…"` : text;
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
