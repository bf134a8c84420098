import { InputError, quoted } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';
import { isServiceName, maxServiceNameLength } from './service-name.ts';

/** What `slipway.yml` in a service's folder can say; everything has a default. */
export interface ServiceSettings {
  name?: string;
  package?: string;
  chart?: string;
  targets?: readonly string[];
  /** Build tags. */
  tags?: readonly string[];
  cgo?: string;
  image?: boolean;
  workload?: string;
}

/** Names under which the settings may lie in a service's folder. */
export const settingsFiles = ['slipway.yml', 'slipway.yaml'] as const;

const keys = ['name', 'package', 'chart', 'targets', 'tags', 'cgo', 'image', 'workload'] as const;
const maxSettingsBytes = 65_536;

type Wrong = (what: string) => InputError;

/**
 * Reads a `slipway.yml`. Throws an InputError that names `file` and what is wrong with it. At the
 * repository's root the file may describe all services instead; then it says nothing of one.
 */
export function readServiceSettings(
  text: string,
  file: string,
  given: { isRoot?: boolean } = {},
): ServiceSettings {
  const wrong: Wrong = (what) => new InputError(`${file}: ${what}`);
  const value = readYaml(text, { name: file, rules: 'strict', maxBytes: maxSettingsBytes }) ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong('expected a map of settings.');
  if (given.isRoot === true && ('services' in value || 'environments' in value)) return {};
  const settings: ServiceSettings = {};
  for (const [key, setting] of Object.entries(value)) {
    if (!keys.some((valid) => valid === key))
      throw wrong(`${quoted(key)} is unknown; valid keys: ${keys.join(', ')}.`);
    readSetting(settings, { key, setting, wrong });
  }
  return settings;
}

function readSetting(
  settings: ServiceSettings,
  { key, setting, wrong }: { key: string; setting: unknown; wrong: Wrong },
): void {
  switch (key) {
    case 'name':
      if (typeof setting !== 'string' || !isServiceName(setting))
        throw wrong(
          `name: expected lower-case letters, digits and "-", a letter first, at most ${maxServiceNameLength}.`,
        );
      settings.name = setting;
      break;
    case 'targets':
      settings.targets = readTargets(setting, wrong);
      break;
    case 'tags':
      settings.tags = readTags(setting, wrong);
      break;
    case 'image':
      if (typeof setting !== 'boolean') throw wrong('image: expected true or false.');
      settings.image = setting;
      break;
    case 'cgo':
      settings.cgo = String(setting);
      if (!/^[a-z]{1,10}$/.test(settings.cgo)) throw wrong('cgo: expected one word.');
      break;
    case 'workload':
      if (typeof setting !== 'string' || !/^[a-z]+\/[a-z0-9][-a-z0-9.]*$/.test(setting))
        throw wrong('workload: expected for example deployment/api.');
      settings.workload = setting;
      break;
    default: {
      if (typeof setting !== 'string' || !isRelative(setting))
        throw wrong(`${key}: expected a path inside the repository, without "..".`);
      if (key === 'package') settings.package = setting;
      else settings.chart = setting;
    }
  }
}

/** Whether every target has the form `GOOS/GOARCH`, with an optional variant as in `linux/arm/v7`. */
export function isTarget(text: string): boolean {
  return /^[a-z0-9]{1,12}\/[a-z0-9]{1,12}(?:\/[a-z0-9]{1,12})?$/.test(text);
}

function readTargets(value: unknown, wrong: Wrong): readonly string[] {
  const list = readList(value);
  if (list === undefined || list.length === 0)
    throw wrong('targets: expected a list such as [linux/amd64, linux/arm64].');
  return list.map((target: unknown) => {
    if (typeof target !== 'string' || !isTarget(target))
      throw wrong(`targets: ${quoted(String(target))} is not of the form GOOS/GOARCH.`);
    return target;
  });
}

function readTags(value: unknown, wrong: Wrong): readonly string[] {
  const list = readList(value);
  if (list === undefined) throw wrong('tags: expected a list of build tags such as [netgo].');
  return list.map((tag: unknown) => {
    if (typeof tag !== 'string' || !/^[\p{L}\p{N}_.]{1,100}$/u.test(tag))
      throw wrong(
        `tags: ${quoted(String(tag))} is not a build tag (letters, digits, "_" and ".").`,
      );
    return tag;
  });
}

function readList(value: unknown): readonly unknown[] | undefined {
  const list: unknown =
    typeof value === 'string' ? value.split(/\s+/).filter((each) => each !== '') : value;
  return Array.isArray(list) ? (list as unknown[]) : undefined;
}

function isRelative(text: string): boolean {
  return /^[A-Za-z0-9._/-]+$/.test(text) && !/^[-/]|(?:^|\/)\.\.(?:\/|$)/.test(text);
}
