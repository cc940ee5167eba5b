import { access, constants, mkdir, statfs } from 'node:fs/promises';

/** @throws Error when a recording could not be written there: read-only, not a folder, or the disk is full */
export async function checkFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail } = await statfs(folder);
  if (bavail === 0) throw new Error('The disk is full');
}
