import { writeFileSync } from 'node:fs';

const DOMAIN = 'foo.example';
/** Of the outside world: it rings and is never picked up. */
export const RINGS = '+3212345681';

export interface SwitchUser {
  id: string;
  switchUserId: string;
  extension: string;
  addressOfRecord: string;
}

export function switchUsers(count: number): SwitchUser[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `user${200_000 + index}`;
    return {
      id,
      switchUserId: `${id}@${DOMAIN}`,
      extension: String(200_000 + index),
      addressOfRecord: `${id}@sip.example.test`,
    };
  });
}

/** The world of the stand-in. */
export function writeWorld(file: string, users: SwitchUser[]): void {
  const group = {
    id: 'foogroup',
    countryCode: '32',
    users: users.map(({ switchUserId, extension, addressOfRecord }) => ({
      userId: switchUserId,
      extension,
      recordingMode: 'Never',
      devices: [{ addressOfRecord }],
    })),
  };
  writeFileSync(file, JSON.stringify({ groups: [group], outside: { [RINGS]: { does: 'rings' } } }));
}

/** The same users as the service's DIRECTORY_FILE, and the switch as its BROADWORKS_FILE. */
export function writeServiceFiles(
  files: { directory: string; clusters: string },
  users: SwitchUser[],
  url: string,
) {
  const group = {
    id: 'foogroup',
    country: 'BE',
    extensionLength: 6,
    users: users.map(({ id, extension, addressOfRecord }) => ({
      id,
      extension,
      devices: [{ addressOfRecord, password: `${id}-secret` }],
    })),
  };
  // JSON is YAML.
  writeFileSync(
    files.directory,
    JSON.stringify({ tenants: [{ id: 'foo', switchDomain: DOMAIN, cluster: 'demo', groups: [group] }] }),
  );
  const cluster = { id: 'demo', url, username: 'admin', password: 'admin-secret' };
  writeFileSync(files.clusters, JSON.stringify({ clusters: [cluster] }));
}
