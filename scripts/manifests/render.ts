import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { applyPatch, type Operation } from 'rfc6902';
import { parse, parseAllDocuments } from 'yaml';

/** A Kubernetes object, of which only what all have is known here. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

interface Kustomization {
  apiVersion: string;
  kind: string;
  resources?: string[];
  components?: string[];
  patches?: { path: string; target: { kind: string; name: string } }[];
}

/** The part of Kustomize that deploy/kubernetes keeps to: resources, components and JSON patches with a target. */
const KNOWN_FIELDS = new Set(['apiVersion', 'kind', 'resources', 'components', 'patches']);

/**
 * What `kubectl kustomize` makes of the folder, in the order of its files.
 * @param used takes the path of each file that was read
 * @throws Error for what this does not know, and for what is not there
 */
export function render(folder: string, used: Set<string> = new Set()): Manifest[] {
  return renderOnto([], resolve(folder), used);
}

function renderOnto(manifests: Manifest[], folder: string, used: Set<string>): Manifest[] {
  const file = join(folder, 'kustomization.yaml');
  const kustomization = parse(read(file, used)) as Kustomization;
  const unknown = Object.keys(kustomization).filter((field) => !KNOWN_FIELDS.has(field));
  if (unknown.length > 0) throw new Error(`${file}: ${unknown.join(', ')} is not known here`);
  for (const entry of kustomization.resources ?? []) {
    const path = join(folder, entry);
    if (existsSync(path) && statSync(path).isDirectory()) renderOnto(manifests, path, used);
    else manifests.push(...readManifests(path, used));
  }
  for (const entry of kustomization.components ?? []) renderOnto(manifests, join(folder, entry), used);
  for (const { path, target } of kustomization.patches ?? []) {
    const patched = manifests.filter(
      ({ kind, metadata }) => kind === target.kind && metadata.name === target.name,
    );
    if (patched.length !== 1) throw new Error(`${file}: ${patched.length} objects for the patch ${path}`);
    const operations = parse(read(join(folder, path), used)) as Operation[];
    const failed = applyPatch(patched[0], operations).find((error) => error !== null);
    if (failed) throw new Error(`${join(folder, path)}: ${failed.message}`);
  }
  return manifests;
}

/** All documents of a YAML file. @throws Error on broken YAML, such as a key that is there twice */
export function readManifests(path: string, used: Set<string> = new Set()): Manifest[] {
  return parseAllDocuments(read(path, used)).map((document) => {
    if (document.errors[0]) throw new Error(`${path}: ${document.errors[0].message}`);
    return document.toJS() as Manifest;
  });
}

function read(path: string, used: Set<string>): string {
  used.add(path);
  return readFileSync(path, 'utf8');
}
