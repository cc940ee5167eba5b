import { access, constants, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders, and what is before and after a capture's name: captures, and notes of them once and before they are complete. */
const KINDS = [
  ['pcaps', '', '.pcap'],
  ['metadata', 'rtpengine-meta-', '.txt'],
  ['tmp', 'rtpengine-meta-', '.tmp'],
] as const;

/** Where rtpengine keeps what it captures (`--recording-dir`), as this service sees it. */
export class Spool {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws Error when the service cannot read and delete there */
  async check(): Promise<void> {
    await access(this.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  }

  pathOf(capture: string): string {
    return join(this.folder, 'pcaps', capture);
  }

  /** The names of the captures of a call, in no order. @throws Error when the folder cannot be read */
  async capturesOf(callId: string): Promise<string[]> {
    return (await readdir(join(this.folder, 'pcaps'))).filter((name) => isOf(callId, name, '', '.pcap'));
  }

  /** Deletes all that is there of a call that is not being captured. Never fails. */
  async forget(callId: string): Promise<void> {
    for (const [folder, before, after] of KINDS) {
      const names = await readdir(join(this.folder, folder)).catch(() => []);
      const ofCall = names.filter((name) => isOf(callId, name, before, after));
      await Promise.allSettled(ofCall.map((name) => rm(join(this.folder, folder, name), { force: true })));
    }
  }
}

/** `<call-id, escaped>-<16 hexadecimal digits>` between what rtpengine puts around it. */
function isOf(callId: string, name: string, before: string, after: string): boolean {
  const start = `${before}${escaped(callId)}-`;
  return (
    name.startsWith(start) &&
    /^[0-9a-f]{16}$/.test(name.slice(start.length, -after.length)) &&
    name.endsWith(after)
  );
}

/** As GLib's g_uri_escape_string does. */
function escaped(callId: string): string {
  return encodeURIComponent(callId).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
