import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { child, type Finding, type Node, textOf } from '../../../config/yaml-node.js';

/** An entry of the file that has a password, here or in a file of its own. */
interface Entry {
  password?: string | undefined;
  passwordFile?: string | undefined;
}

/**
 * The password of a checked entry.
 * @param folder of the file, from which a path leads
 * @throws the system's error where the password's file cannot be read
 */
export function passwordOf({ password, passwordFile }: Entry, folder: string): string {
  return password ?? readPassword(resolve(folder, passwordFile ?? ''));
}

/** What is wrong with the password of an entry; nothing of it is in the message. */
export function findPasswordMistakes(entry: Node, folder: string): Finding[] {
  const password = child(entry, 'password');
  const file = child(entry, 'passwordFile');
  const path = textOf(file);
  if (password.value === undefined && file.value === undefined)
    return [{ path: entry.path, message: 'needs a password or a passwordFile' }];
  if (password.value !== undefined && file.value !== undefined)
    return [{ path: file.path, message: 'is one password too many: there is a password, too' }];
  if (path === undefined) return [];
  try {
    const read = readPassword(resolve(folder, path));
    return /^\P{Cc}{1,200}$/u.test(read)
      ? []
      : [{ path: file.path, message: 'must hold 1 to 200 characters on one line' }];
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    return [{ path: file.path, message: `cannot be read: ${code}` }];
  }
}

/** Editors and `echo` end a file with a line break. */
function readPassword(path: string): string {
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}
