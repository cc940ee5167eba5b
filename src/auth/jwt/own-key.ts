import { type KeyObject, createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Algorithm and names of the tokens that the service signs itself. */
export const OWN_KEY_ALGORITHM = 'EdDSA';
export const OWN_NAME = 'call-service';

const FILE_NAME = 'token-key.pem';

/**
 * The private key (Ed25519) for the service's own tokens, made on first use and kept in the data folder, readable
 * by its owner alone. Several processes may start at once: all get the same key.
 * @throws Error naming the file, when it holds no such key or cannot be written
 */
export async function ownKey(dataDir: string): Promise<KeyObject> {
  const file = join(dataDir, FILE_NAME);
  const pem = (await readIfThere(file)) ?? (await create(dataDir, file));
  const { mode } = await stat(file);
  if (mode & 0o077) await chmod(file, 0o600);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // told below; the parser's own words could show parts of the file
  }
  throw new Error(
    `${file} holds no Ed25519 private key in PEM. Without the file a new key is made, and tokens given out before are refused.`,
  );
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes the whole key beside the file and links it into place, which fails when somebody else was faster. */
async function create(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
