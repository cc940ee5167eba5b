import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A service of docker-compose.yml, in the forms that this file uses. */
export interface ComposeService {
  build?: string;
  image?: string;
  network_mode?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  /** `[name or path, path inside]` */
  volumes: string[][];
}

/** The services by name, where variables have their defaults. */
export function readCompose(path: string): Record<string, ComposeService> {
  const text = readFileSync(path, 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
  const { services } = parse(text) as {
    services: Record<string, Omit<ComposeService, 'volumes'> & { volumes?: string[] }>;
  };
  return Object.fromEntries(
    Object.entries(services).map(([name, { volumes = [], ...service }]) => [
      name,
      { ...service, volumes: volumes.map((volume) => volume.split(':')) },
    ]),
  );
}
