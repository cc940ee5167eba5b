import { join } from 'node:path';
import ts from 'typescript';
import type { Manifest } from './render.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A file that is in memory only; it stands in the project so that packages are found from it. */
const VIRTUAL_FILE = join(ROOT, 'manifests.virtual.ts');

/** A manifest and what to call it in messages. */
export interface NamedManifest {
  name: string;
  manifest: Manifest;
}

/**
 * Mistakes against the schemas of Kubernetes and the Prometheus Operator, from the packages of kubernetes-models.
 * Their validators know types and formats, but let unknown fields pass; their TypeScript types do not.
 * @returns one line per mistake
 */
export async function validateManifests(manifests: NamedManifest[]): Promise<string[]> {
  const mistakes: string[] = [];
  const known: NamedManifest[] = [];
  for (const each of manifests) {
    const found = await validateOne(each);
    if (found !== 'unknown kind') known.push(each);
    if (found) mistakes.push(`${each.name}: ${found}`);
  }
  return [...mistakes, ...unknownFields(known)];
}

async function validateOne({ manifest }: NamedManifest): Promise<string | undefined> {
  let Model: new (data: Manifest) => { validate(): void };
  try {
    Model = ((await import(moduleOf(manifest))) as Record<string, typeof Model>)[manifest.kind]!;
  } catch {
    return 'unknown kind';
  }
  try {
    new Model(manifest).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function moduleOf({ apiVersion, kind }: Manifest): string {
  const library = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  return `${library}/${apiVersion}/${kind}`;
}

/** TypeScript refuses fields of an object literal that its type does not have, at any depth. */
function unknownFields(manifests: NamedManifest[]): string[] {
  const lines = manifests.map(({ manifest }, index) => {
    const type = `import(${JSON.stringify(moduleOf(manifest))}).I${manifest.kind}`;
    return `export const manifest${index}: ${type} = ${JSON.stringify(manifest)};`;
  });
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => (path === VIRTUAL_FILE ? lines.join('\n') : readFile(path));
  host.fileExists = (path) => path === VIRTUAL_FILE || fileExists(path);
  const program = ts.createProgram([VIRTUAL_FILE], options, host);
  const file = program.getSourceFile(VIRTUAL_FILE);
  return ts.getPreEmitDiagnostics(program, file).map((diagnostic) => {
    const { line } = file!.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    const message = ts
      .flattenDiagnosticMessageText(diagnostic.messageText, ' ')
      .replaceAll(`'"`, `'`)
      .replaceAll(`"'`, `'`);
    return `${manifests[line]?.name ?? 'manifests'}: ${message.slice(0, 500)}`;
  });
}
