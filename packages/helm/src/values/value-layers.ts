import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@slipway/runtime';
import { readYamlDocuments, writeYaml } from '@slipway/yaml';
import { secretsInValues } from './secret-values.ts';
import { settingsValues, type Settings } from './set-values.ts';
import { readValueText, shownPlace, isUrl, type ValuePorts } from './value-text.ts';
import { mergedValues, type Values } from './value-tree.ts';

/** The values a user gave, weakest first, in the order in which Helm takes its flags. */
export interface ValueSources {
  /** Absolute paths, or http(s) addresses. */
  files: readonly string[];
  /** YAML texts, the later over the earlier, each with what it is called in messages. */
  inline: readonly { name: string; yaml: string }[];
  /** `key=JSON` lines, or whole JSON objects. */
  setJson: readonly string[];
  /** `key=value` lines. */
  set: readonly string[];
  /** `key=value` lines of texts. */
  setString: readonly string[];
  /** Keys whose value is the content of a file or of what an address answers. */
  setFile: readonly { key: string; place: string }[];
}

interface Layer {
  name: string;
  yaml: string;
  documents: readonly Values[];
}

/** The values of every document: Helm 3 takes the first of a file, Helm 4 merges them all. */
function parsed(yaml: string, where: string): readonly Values[] {
  const documents = readYamlDocuments(yaml, { name: where }).map(({ value }) => value);
  if (documents.some((document) => typeof document !== 'object' || Array.isArray(document)))
    throw new InputError(`${where} is not a YAML mapping of values.`, {
      next: `Write keys and values, for example:\n  image:\n    tag: v1.2.0`,
    });
  return documents as readonly Values[];
}

async function fileLayer(ports: ValuePorts, place: string): Promise<Layer> {
  const yaml = await readValueText(ports, place, 'value-files');
  const name = isUrl(place) ? path.posix.basename(new URL(place).pathname) : path.basename(place);
  return { name, yaml, documents: parsed(yaml, `value-files: ${shownPlace(place)}`) };
}

async function settingsOf(ports: ValuePorts, sources: ValueSources): Promise<Settings> {
  const files = sources.setFile.map(async ({ key, place }) => ({
    key,
    text: await readValueText(ports, place, 'set-file'),
  }));
  const { setJson: json, set: typed, setString: texts } = sources;
  return { json, typed, texts, files: await Promise.all(files) };
}

async function layersOf(ports: ValuePorts, sources: ValueSources): Promise<readonly Layer[]> {
  const { inline } = sources;
  const layers = await Promise.all(sources.files.map((file) => fileLayer(ports, file)));
  for (const { name, yaml } of inline)
    layers.push({ name: `${name}.yaml`, yaml, documents: parsed(yaml, name) });
  const settings = await settingsOf(ports, sources);
  if (Object.values(settings).every(({ length }) => length === 0)) return layers;
  const below = layers.flatMap(({ documents }) => documents).reduce(mergedValues, {});
  const values = settingsValues(settings, below);
  layers.push({ name: 'set.yaml', yaml: writeYaml(values), documents: [values] });
  return layers;
}

/**
 * Writes each layer as a file of mode 0600 into `folder` (which is made, mode 0700) and gives them in
 * the order in which Helm must read them. Copies are made of the user's files too: Helm splits `-f` at
 * commas. No value is ever an argument of a command, which other processes could see. What looks like a
 * secret is masked before anything is written. Throws InputError naming the layer that is no YAML
 * mapping, ActionError for an address that does not answer.
 */
export async function writeValueLayers(
  ports: ValuePorts,
  sources: ValueSources,
  folder: string,
): Promise<readonly string[]> {
  const layers = await layersOf(ports, sources);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const files: string[] = [];
  for (const [index, { name, yaml, documents }] of layers.entries()) {
    secretsInValues(documents).forEach(ports.maskSecret);
    const safe = name.replace(/[^A-Za-z0-9._-]/g, '_');
    const file = path.join(folder, `${String(index + 1).padStart(2, '0')}-${safe}`);
    await fs.writeFile(file, yaml, { mode: 0o600 });
    files.push(file);
  }
  return files;
}
