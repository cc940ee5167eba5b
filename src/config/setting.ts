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

/** A string that `read` turns into a value, or refuses by returning undefined. */
export const read = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: 'not allowed' });
    return z.NEVER;
  });

export const optional = <S extends z.ZodType>(schema: S, note: VariableNote) =>
  schema.optional().meta({ ...note });

/** A variable with a default, which is written as an operator would write it. */
export const withDefault = <S extends z.ZodType>(schema: S, note: VariableNote & { default: string }) =>
  z
    .string()
    .default(note.default)
    .pipe(schema as z.ZodType<z.output<S>, string>)
    .meta({ ...note });

export const port = () =>
  read((text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined));
export const duration = (min: number, max: number) =>
  read((text) => {
    const value = parseDuration(text);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });
export const text = () => z.string().min(1).max(500);
