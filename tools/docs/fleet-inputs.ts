import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { InputSource, InputTyping } from '@slipway/runtime';
import { readActionMetadata, type DeclaredInput } from './action-metadata.ts';
import { inputTypings, probeInputs } from './action-types.ts';

/** The keys of slipway.yml that hold the inputs of an action, and the action's folder. */
export const actionsOfKeys = {
  go: 'setup-go-cached',
  build: 'go-cross-build',
  helm: 'helm-atomic-upgrade',
  verify: 'verify-health',
} as const;

/**
 * What slipway.yml says of a service outside the inputs of the action (`targets`, not `build.targets`),
 * and what makes of the action another one than a release needs: one that verifies nothing, say.
 */
const notTaken: Readonly<Record<string, readonly string[]>> = {
  build: [
    'targets',
    'packages',
    'working-directory',
    'ldflags',
    'tags',
    'cgo',
    'image',
    'plan-only',
  ],
  helm: ['uninstall', 'dry-run', 'source-commit'],
  verify: ['mode'],
};

/** Read as YAML by the action, so that slipway.yml can hold it as it is. */
const documents = new Set(['values', 'assertions']);
/** One JSON object in a line. */
const json = new Set(['set-json']);
/** Described by another input. */
const alsoMaps = new Set(['set-string']);
/** Content or path: it never has a place in a repository. */
const alsoSecret = new Set(['kubeconfig']);

type Kind = string | readonly string[];

function kindOf(input: DeclaredInput, typing: InputTyping, said: InputsSaid): Kind {
  const { name, description } = input;
  if (said.secret.has(name) || alsoSecret.has(name)) return 'secret';
  if (documents.has(name)) return 'document';
  if (json.has(name)) return 'json';
  if (said.duration.has(name)) return 'duration';
  if (typing.type === 'enum') return typing.allowedValues;
  if (typing.type === 'list') {
    return alsoMaps.has(name) || /\bkey=/.test(description) ? 'map' : 'list';
  }
  return { string: 'text', boolean: 'boolean', integer: 'integer', float: 'number' }[typing.type];
}

/** What an action says of inputs that no input can be: which are secrets, and which durations. */
interface InputsSaid {
  secret: ReadonlySet<string>;
  duration: ReadonlySet<string>;
}

async function whatIsSaid(folder: string, names: readonly string[]): Promise<InputsSaid> {
  const nonsense = (name: string): string => `?${name}?`;
  const masked = new Set<string>();
  const source: InputSource = { get: nonsense, maskSecret: (value) => masked.add(value) };
  const said = await probeInputs(folder, source);
  return {
    secret: new Set(names.filter((name) => masked.has(nonsense(name)))),
    duration: new Set(
      names.filter((name) => said.includes(`${name}: "${nonsense(name)}" is not a duration`)),
    ),
  };
}

/** The kinds of the inputs that one key of slipway.yml takes, by name. */
export async function inputKinds(
  root: string,
  key: keyof typeof actionsOfKeys,
): Promise<Readonly<Record<string, Kind>>> {
  const folder = path.join(root, 'actions', actionsOfKeys[key]);
  const { inputs } = readActionMetadata(path.join(folder, 'action.yml'));
  const typings = await inputTypings(folder);
  const said = await whatIsSaid(
    folder,
    inputs.map(({ name }) => name),
  );
  return Object.fromEntries(
    inputs
      .filter(({ name }) => name !== 'settings' && notTaken[key]?.includes(name) !== true)
      .map((input) => [
        input.name,
        kindOf(input, typings.get(input.name) ?? { type: 'string' }, said),
      ]),
  );
}

/** The source of packages/fleet that lists every input which slipway.yml takes. */
export async function renderFleetInputs(root: string, file: string): Promise<string> {
  const keys = Object.keys(actionsOfKeys) as (keyof typeof actionsOfKeys)[];
  const kinds = await Promise.all(
    keys.map(async (key) => [key, await inputKinds(root, key)] as const),
  );
  const source = `import type { ActionInputKind } from './action-input-kind.ts';

    /**
     * The inputs of each action that slipway.yml takes, by the key that they stand under. Made by
     * tools/docs/generate.ts from what the actions declare and how they read it; not to be edited.
     */
    export const actionInputs = ${JSON.stringify(Object.fromEntries(kinds))} as const satisfies Readonly<Record<string, Readonly<Record<string, ActionInputKind>>>>;\n`;
  return format(source, { ...(await resolveConfig(file)), parser: 'typescript' });
}
