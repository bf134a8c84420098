import { InputError, quoted } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';

/** What `slipway.yml` in a service's folder can say; everything has a default. */
export interface ServiceSettings {
  package?: string;
  chart?: string;
  targets?: readonly string[];
  cgo?: string;
  image?: boolean;
  workload?: string;
}

/** Names under which the settings may lie in a service's folder. */
export const settingsFiles = ['slipway.yml', 'slipway.yaml'] as const;

const keys = ['package', 'chart', 'targets', 'cgo', 'image', 'workload'] as const;
const maxSettingsBytes = 65_536;

/** Reads a `slipway.yml`. Throws an InputError that names `file` and what is wrong with it. */
export function readServiceSettings(text: string, file: string): ServiceSettings {
  const wrong = (what: string): InputError => new InputError(`${file}: ${what}`);
  const value = readYaml(text, { name: file, rules: 'strict', maxBytes: maxSettingsBytes }) ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong('expected a map of settings.');
  const settings: ServiceSettings = {};
  for (const [key, setting] of Object.entries(value)) {
    if (!keys.some((valid) => valid === key))
      throw wrong(`${quoted(key)} is unknown; valid keys: ${keys.join(', ')}.`);
    switch (key) {
      case 'targets':
        settings.targets = readTargets(setting, wrong);
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
  return settings;
}

/** Whether every target has the form `GOOS/GOARCH`, with an optional variant as in `linux/arm/v7`. */
export function isTarget(text: string): boolean {
  return /^[a-z0-9]{1,12}\/[a-z0-9]{1,12}(?:\/[a-z0-9]{1,12})?$/.test(text);
}

function readTargets(value: unknown, wrong: (what: string) => InputError): readonly string[] {
  const list: unknown = typeof value === 'string' ? value.trim().split(/\s+/) : value;
  if (!Array.isArray(list) || list.length === 0)
    throw wrong('targets: expected a list such as [linux/amd64, linux/arm64].');
  return list.map((target: unknown) => {
    if (typeof target !== 'string' || !isTarget(target))
      throw wrong(`targets: ${quoted(String(target))} is not of the form GOOS/GOARCH.`);
    return target;
  });
}

function isRelative(text: string): boolean {
  return /^[A-Za-z0-9._/-]+$/.test(text) && !/^[-/]|(?:^|\/)\.\.(?:\/|$)/.test(text);
}
