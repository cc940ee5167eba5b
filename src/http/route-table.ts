/** Which methods each path takes, for the `Allow` header of a 405. Filled while routes are registered. */
export class RouteTable {
  private readonly routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** @param path in Fastify's form: `/calls/:callId` */
  add(path: string, methods: string | string[]): void {
    // A wildcard route (the files of the documentation) says nothing about the paths below it.
    if (path.includes('*')) return;
    const known = this.routes.get(path) ?? { pattern: patternOf(path), methods: new Set() };
    for (const method of [methods].flat()) known.methods.add(method);
    this.routes.set(path, known);
  }

  /** Empty where nothing is at the path. */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const { pattern, methods } of this.routes.values())
      if (pattern.test(path)) for (const method of methods) found.add(method);
    return [...found].sort();
  }
}

function patternOf(path: string): RegExp {
  const segments = path
    .replace(/\/$/, '')
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}/?$`);
}
