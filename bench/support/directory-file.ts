import { writeFileSync } from 'node:fs';

export interface BenchUser {
  userId: string;
  extension: string;
  device: { addressOfRecord: string; password: string };
}

export interface Pair {
  caller: BenchUser;
  callee: BenchUser;
}

/** Pairs of users with one phone each. At most 50,000 pairs: extensions have six digits. */
export function pairsOf(count: number): Pair[] {
  return Array.from({ length: count }, (_, index) => ({
    caller: benchUser('caller', 200_000 + index),
    callee: benchUser('callee', 300_000 + index),
  }));
}

export function usersOf(pairs: Pair[]): BenchUser[] {
  return pairs.flatMap(({ caller, callee }) => [caller, callee]);
}

/** Writes the users as the service's DIRECTORY_FILE. */
export function writeDirectory(file: string, pairs: Pair[], recordingMode = 'Never'): void {
  const users = usersOf(pairs).map(({ userId, extension, device }) => ({
    id: userId,
    extension,
    recordingMode,
    devices: [device],
  }));
  const group = { id: 'foogroup', country: 'BE', extensionLength: 6, users };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ tenants: [{ id: 'foo', groups: [group] }] }));
}

function benchUser(name: string, number: number): BenchUser {
  return {
    userId: `${name}${number}`,
    extension: String(number),
    device: { addressOfRecord: `${name}${number}@sip.example.test`, password: `${name}${number}-secret` },
  };
}
