/** Copies what the compiled code reads and the compiler leaves behind. Part of `npm run build`. */
import { cpSync } from 'node:fs';

for (const path of ['directory/demo-directory.yaml', 'http/docs-page'])
  cpSync(`src/${path}`, `dist/${path}`, { recursive: true });
