/** Copies what the compiled code reads and the compiler leaves behind. Part of `npm run build`. */
import { copyFileSync } from 'node:fs';

for (const file of ['directory/demo-directory.yaml']) copyFileSync(`src/${file}`, `dist/${file}`);
