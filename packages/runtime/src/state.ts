import * as core from '@actions/core';

const version = 1;
const secretName = /secret|token|password|passwd|credential|kubeconfig|private-?key/i;

/** What main leaves for post: small JSON values, prefixed by the action's name and versioned. */
export interface State {
  /** Throws when the value holds a field that is named like a secret: state is readable in the job. */
  save(name: string, value: unknown): void;
  /** Undefined when nothing was saved, or by another version of the action. */
  load<T>(name: string, check: (value: unknown) => value is T): T | undefined;
}

function refuseSecrets(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (secretName.test(key) && !/path|file|count|present/i.test(key))
      throw new Error(`State must hold no secret, but ${path}.${key} is named like one.`);
    refuseSecrets(inner, `${path}.${key}`);
  }
}

/** The runner's state, under names of this action. */
export function runnerState(action: string): State {
  const key = (name: string): string => `slipway_${action}_${name}`;
  return {
    save: (name, value) => {
      refuseSecrets({ [name]: value }, action);
      core.saveState(key(name), JSON.stringify({ version, value }));
    },
    load: (name, check) => {
      const text = core.getState(key(name));
      if (text === '') return undefined;
      try {
        const parsed = JSON.parse(text) as { version?: unknown; value?: unknown };
        return parsed.version === version && check(parsed.value) ? parsed.value : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
