import { readPlacedYaml, type PlaceOf } from '@slipway/yaml';
import type * as z from 'zod';
import { crossProblems } from './cross-references.ts';
import type { Environment, Fleet, ServiceFile, Target, When } from './fleet.ts';
import { problemsError, problemsOf } from './problems.ts';
import { unsoundness } from './soundness.ts';
import {
  fleetSchema,
  serviceSchema,
  type EnvironmentText,
  type FleetText,
  type ServiceSettings,
} from './schema/index.ts';

/** A thousand services with five hundred characters each. */
const maxFleetBytes = 524_288;
const maxServiceBytes = 65_536;

/**
 * Reads the `slipway.yml` at the root. `file` is what it is called in messages. One that has only
 * settings of a service is that of the service at the root, as in any other folder. Throws an InputError
 * with every problem, each with line, column and path, and what was probably meant.
 */
export function readFleet(text: string, file: string): Fleet {
  const yaml = readPlacedYaml(text, { name: file, rules: 'strict', maxBytes: maxFleetBytes });
  if (isOfOneService(yaml.value))
    return fleetOfRoot(checked(yaml, file, serviceSchema), file, yaml);
  const value = checked(yaml, file, fleetSchema);
  const problems = crossProblems(value);
  if (problems.length > 0) throw problemsError(file, problems, yaml.placeOf);
  return fleetOf(value, file, yaml.placeOf);
}

/** Reads the `slipway.yml` in a service's folder, as `readFleet`. */
export function readServiceFile(text: string, file: string): ServiceFile {
  const yaml = readPlacedYaml(text, { name: file, rules: 'strict', maxBytes: maxServiceBytes });
  return { file, settings: checked(yaml, file, serviceSchema), placeOf: yaml.placeOf };
}

interface PlacedYaml {
  value: unknown;
  placeOf: PlaceOf;
}

function isOfOneService(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => Object.hasOwn(serviceSchema.shape, key));
}

function checked<T>({ value, placeOf }: PlacedYaml, file: string, schema: z.ZodType<T>): T {
  const unsound = unsoundness(value);
  if (unsound !== undefined) throw problemsError(file, [unsound], placeOf);
  const read = schema.safeParse(value ?? {}, { reportInput: true });
  if (!read.success) throw problemsError(file, problemsOf(read.error.issues), placeOf);
  return read.data;
}

function whenOf(text: EnvironmentText['when']): readonly When[] {
  const list = text === undefined ? [] : [text].flat();
  return list.map(({ kind, branch, tag }) => ({
    kind: kind ?? (tag === undefined ? 'push' : 'tag'),
    branches: branch,
    tags: tag,
  }));
}

type TargetText = Exclude<NonNullable<EnvironmentText['waves']>[number], readonly unknown[]>;

/** A target of a wave; what it does not say is what its environment says. */
function targetOf(text: TargetText, around: EnvironmentText): Target {
  const own: Exclude<TargetText, string> =
    typeof text === 'string' ? { name: text, cluster: text } : text;
  const { cluster, hosts } = own.cluster !== undefined || own.hosts !== undefined ? own : around;
  return {
    name: own.name,
    cluster,
    hosts,
    namespace: own.namespace ?? around.namespace,
    valueFiles: [...(around['value-files'] ?? []), ...(own['value-files'] ?? [])],
  };
}

function environmentOf(name: string, text: EnvironmentText): Environment {
  const waves = text.waves?.map((wave) => [wave].flat().map((one) => targetOf(one, text)));
  return {
    name,
    when: whenOf(text.when),
    waves: waves ?? [[targetOf({ name: '' }, text)]],
    requires: text.requires ?? [],
    freeze: (text.freeze ?? []).map(({ days, time, dates, zone, reason }) => ({
      days,
      time,
      dates,
      zone: zone ?? 'UTC',
      reason: reason ?? '',
    })),
  };
}

function fleetOf(text: FleetText, file: string, placeOf: PlaceOf): Fleet {
  const rules = Object.entries(text.services ?? {});
  return {
    file,
    services: rules
      .filter(([glob]) => !glob.startsWith('!'))
      .map(([glob, settings]) => ({
        glob,
        settings: settings ?? {},
        path: ['services', glob],
      })),
    without: rules
      .map(([glob]) => glob)
      .filter((glob) => glob.startsWith('!'))
      .map((glob) => glob.slice(1)),
    defaults: text.defaults ?? {},
    environments: Object.entries(text.environments ?? {}).map(([name, environment]) =>
      environmentOf(name, environment ?? {}),
    ),
    registry: text.registry?.replace(/\/$/, ''),
    sharedPaths: text['shared-paths'] ?? [],
    placeOf,
  };
}

function fleetOfRoot(settings: ServiceSettings, file: string, { placeOf }: PlacedYaml): Fleet {
  return {
    file,
    services: [{ glob: '.', settings, path: [] }],
    without: [],
    defaults: {},
    environments: [],
    registry: undefined,
    sharedPaths: [],
    placeOf,
  };
}
