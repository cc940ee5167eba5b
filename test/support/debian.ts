import { existsSync } from 'node:fs';

/** @throws Error with the line that installs what is missing */
export function requireDebian(path: string, packageName: string): void {
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: apt-get install -y ${packageName}. These tests never run without it.`,
    );
  }
}
