import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

/** One input or output as action.yml declares it. */
export interface Declared {
  name: string;
  description: string;
}

/** One input as action.yml declares it. */
export interface DeclaredInput extends Declared {
  required: boolean;
  default: string | undefined;
  deprecationMessage: string | undefined;
}

/** What the repository's own tools and tests need of an action.yml. */
export interface ActionMetadata {
  name: string;
  description: string;
  author: string | undefined;
  branding: { icon?: string; color?: string };
  inputs: readonly DeclaredInput[];
  outputs: readonly Declared[];
  runs: Readonly<Record<string, unknown>>;
}

type Yaml = Readonly<Record<string, unknown>>;

function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function entries(value: unknown): [string, Yaml][] {
  return Object.entries((value ?? {}) as Record<string, Yaml | null>).map(([name, entry]) => [
    name,
    entry ?? {},
  ]);
}

/** Reads an action.yml; descriptions become one line. */
export function readActionMetadata(file: string): ActionMetadata {
  const yaml = load(readFileSync(file, 'utf8')) as Yaml;
  const declared = (name: string, entry: Yaml): Declared => ({
    name,
    description: (text(entry['description']) ?? '').trim().replace(/\s*\n\s*/g, ' '),
  });
  return {
    name: text(yaml['name']) ?? '',
    description: text(yaml['description']) ?? '',
    author: text(yaml['author']),
    branding: yaml['branding'] ?? {},
    inputs: entries(yaml['inputs']).map(([name, entry]) => ({
      ...declared(name, entry),
      required: entry['required'] === true || entry['required'] === 'true',
      default: text(entry['default']),
      deprecationMessage: text(entry['deprecationMessage']),
    })),
    outputs: entries(yaml['outputs']).map(([name, entry]) => declared(name, entry)),
    runs: (yaml['runs'] ?? {}) as Yaml,
  };
}
