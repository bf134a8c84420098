import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError, type MaskSecret } from '@slipway/runtime';
import { readYamlDocuments, writeYaml } from '@slipway/yaml';
import { parseSetLines } from './set-values.ts';
import { secretsInValues } from './secret-values.ts';

/** The values a user gave, weakest first: files in their order, then the inline YAML, then `set`. */
export interface ValueSources {
  files: readonly string[];
  /** YAML text; empty for none. */
  inline: string;
  /** `key=value` lines. */
  set: readonly string[];
}

/** The values of every document: Helm 3 takes the first of a file, Helm 4 merges them all. */
function parsed(yaml: string, where: string): readonly unknown[] {
  const documents = readYamlDocuments(yaml, { name: where }).map(({ value }) => value);
  if (documents.some((document) => typeof document !== 'object' || Array.isArray(document)))
    throw new InputError(`${where} is not a YAML mapping of values.`, {
      next: `Write keys and values, for example:\n  image:\n    tag: v1.2.0`,
    });
  return documents;
}

async function readValueFile(file: string): Promise<string> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (cause) {
    throw new InputError(`value-files: ${file} cannot be read.`, {
      next: 'Name a file of the checkout, relative to its root; is actions/checkout an earlier step?',
      cause,
    });
  }
}

/**
 * Writes each layer as a file of mode 0600 into `folder` (which is made, mode 0700) and gives them in
 * the order in which Helm must read them. Copies are made of the user's files too: Helm splits `-f` at
 * commas. What looks like a secret is masked before anything is written. Throws InputError naming the
 * layer that is no YAML mapping.
 */
export async function writeValueLayers(
  sources: ValueSources,
  folder: string,
  maskSecret: MaskSecret,
): Promise<readonly string[]> {
  const layers: { name: string; yaml: string; values: unknown }[] = [];
  for (const file of sources.files) {
    const yaml = await readValueFile(file);
    layers.push({ name: path.basename(file), yaml, values: parsed(yaml, `value-files: ${file}`) });
  }
  if (sources.inline.trim() !== '')
    layers.push({
      name: 'values.yaml',
      yaml: sources.inline,
      values: parsed(sources.inline, 'values'),
    });
  if (sources.set.length > 0) {
    const values = parseSetLines(sources.set);
    layers.push({ name: 'set.yaml', yaml: writeYaml(values), values });
  }
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const files: string[] = [];
  for (const [index, { name, yaml, values }] of layers.entries()) {
    secretsInValues(values).forEach(maskSecret);
    const safe = name.replace(/[^A-Za-z0-9._-]/g, '_');
    const file = path.join(folder, `${String(index + 1).padStart(2, '0')}-${safe}`);
    await fs.writeFile(file, yaml, { mode: 0o600 });
    files.push(file);
  }
  return files;
}
