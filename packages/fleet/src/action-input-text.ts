import { writeYaml } from '@slipway/yaml';
import type { ActionInputKind } from './schema/index.ts';
import { actionInputs } from './schema/index.ts';
import type { ActionInputs, ActionKey } from './schema/index.ts';

function inputText(kind: ActionInputKind | undefined, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (kind === 'document') return writeYaml(value);
  if (kind === 'json') return JSON.stringify(value);
  const lines = Array.isArray(value)
    ? value.map(String)
    : Object.entries(value).map(([key, one]) => `${key}=${String(one)}`);
  return lines.join('\n');
}

/**
 * The inputs under one key of the file as the action takes them: texts, lists as lines, maps as lines
 * of key=value, documents as YAML, an object of JSON in one line.
 */
export function actionInputTexts(
  key: ActionKey,
  inputs: ActionInputs,
): Readonly<Record<string, string>> {
  const kinds: Readonly<Record<string, ActionInputKind>> = actionInputs[key];
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, inputText(kinds[name], value)]),
  );
}
