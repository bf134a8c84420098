import { inertLine } from '@slipway/runtime';
import type { YamlPath } from '@slipway/yaml';
import { actionInputs } from './schema/index.ts';
import type { Fleet, ServiceFile } from './fleet.ts';
import { pathInWords } from './problems.ts';
import type { ServiceSettings } from './schema/index.ts';

/** Where a value comes from. */
export type Origin =
  | { from: 'default' }
  /** An input of the call, by its name. */
  | { from: 'input'; input: string }
  | { from: 'file'; file: string; line: number; column: number; where: string };

/** One setting of one service; `key` is `targets` or `helm.timeout`. */
export interface EffectiveSetting {
  key: string;
  value: unknown;
  origin: Origin;
}

/** What holds for a service, and where each part of it was said. */
export interface EffectiveService {
  /** The folder, from the root, with `/`; `.` for the root. */
  folder: string;
  settings: ServiceSettings;
  /** By key, in order of the keys. */
  explained: readonly EffectiveSetting[];
}

/** What is known of a service besides the file at the root. */
export interface ServiceKnowledge {
  /** The `slipway.yml` in its own folder. */
  own?: ServiceFile | undefined;
  /** What the call itself says, each input under the setting that it stands for. */
  inputs?: ServiceSettings;
  /** What holds when nobody says anything. */
  defaults?: ServiceSettings;
  /** Compiles a glob into a matcher of folders. */
  glob: (glob: string) => (folder: string) => boolean;
}

interface Layer {
  settings: ServiceSettings;
  originOf: (key: string, input?: string) => Origin;
}

function fileLayer(
  settings: ServiceSettings,
  { file, placeOf }: Pick<Fleet, 'file' | 'placeOf'>,
  above: YamlPath,
): Layer {
  return {
    settings,
    originOf: (key, input) => {
      const path = [...above, key, ...(input === undefined ? [] : [input])];
      const { line, column } = placeOf(path, 'key');
      return { from: 'file', file, line, column, where: pathInWords(path) };
    },
  };
}

type Glob = ServiceKnowledge['glob'];

/**
 * Where a file says a setting of a service, as a message about it begins:
 * `slipway.yml:12:5: services."services/api".chart`. Undefined when no file says it.
 */
export function saidAt(
  { explained }: Pick<EffectiveService, 'explained'>,
  key: string,
): string | undefined {
  const origin = explained.find((each) => each.key === key)?.origin;
  if (origin?.from !== 'file') return undefined;
  return inertLine(`${origin.file}:${origin.line}:${origin.column}: ${origin.where}`);
}

/** Whether a glob names a folder; `**` reaches the root, whose name `.` is that of no folder in it. */
function names(glob: Glob, pattern: string, folder: string): boolean {
  return pattern === folder || glob(pattern)(folder === '.' ? '' : folder);
}

/** Whether the fleet's file takes a folder for a service. */
export function isServiceFolder(fleet: Fleet, folder: string, glob: Glob): boolean {
  return (
    fleet.services.some((rule) => names(glob, rule.glob, folder)) &&
    !fleet.without.some((taken) => names(glob, taken, folder))
  );
}

/** From what counts least to what counts most. */
function layersOf(fleet: Fleet | undefined, folder: string, known: ServiceKnowledge): Layer[] {
  const layers: Layer[] = [
    { settings: known.defaults ?? {}, originOf: () => ({ from: 'default' }) },
  ];
  if (fleet !== undefined) {
    layers.push(fileLayer(fleet.defaults, fleet, ['defaults']));
    const rules = fleet.services.filter(
      ({ glob }) => glob !== folder && names(known.glob, glob, folder),
    );
    const exact = fleet.services.filter(({ glob }) => glob === folder);
    for (const { settings, path } of [...rules, ...exact])
      layers.push(fileLayer(settings, fleet, path));
  }
  layers.push({
    settings: known.inputs ?? {},
    originOf: (key) => ({ from: 'input', input: key }),
  });
  if (known.own !== undefined) layers.push(fileLayer(known.own.settings, known.own, []));
  return layers;
}

/**
 * What holds for the service in `folder`. Its own file goes before the inputs of the call, these before
 * the file at the root: there the folder itself before globs, a later glob before an earlier one, and
 * `defaults` last. Inputs of actions are taken one by one, all else is taken whole.
 */
export function resolveService(
  fleet: Fleet | undefined,
  folder: string,
  known: ServiceKnowledge,
): EffectiveService {
  const settings: Record<string, unknown> = {};
  const explained = new Map<string, EffectiveSetting>();
  for (const layer of layersOf(fleet, folder, known))
    for (const [key, value] of Object.entries(layer.settings)) {
      if (value === undefined) continue;
      if (!Object.hasOwn(actionInputs, key)) {
        settings[key] = value;
        explained.set(key, { key, value, origin: layer.originOf(key) });
        continue;
      }
      const said = value as Readonly<Record<string, unknown>>;
      settings[key] = Object.assign({}, settings[key], said);
      for (const [input, given] of Object.entries(said)) {
        const name = `${key}.${input}`;
        explained.set(name, { key: name, value: given, origin: layer.originOf(key, input) });
      }
    }
  return {
    folder,
    settings,
    explained: [...explained.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}
