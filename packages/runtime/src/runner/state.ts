import * as core from '@actions/core';
import type { Masker } from '../text/index.ts';
import { runnerMasker } from './masker.ts';

const version = 1;
const secretName = /secret|token|password|passwd|credential|kubeconfig|private-?key/i;
const harmlessName = /path|file|count|present/i;
/** Private keys, JSON web tokens and GitHub's tokens by their looks. */
const secretLooks =
  /-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.[\w-]{10,}\.|\bgh[opsur]_\w{20,}/;
/** Linux refuses to start a process with an environment variable of 128 KiB; post would never run. */
const maxStateBytes = 64 * 1024;

/** What main leaves for post: small JSON values, prefixed by the action's name and versioned. */
export interface State {
  /**
   * Throws when the value holds a known secret, a field that is named like one, or more than 64 KiB:
   * state is readable in the job's debug log and travels in the environment. `names` are texts that
   * were public before any secret was read (inputs, paths): a secret that is a word of them is no reason.
   */
  save(name: string, value: unknown, names?: readonly string[]): void;
  /** Undefined when nothing was saved, or by another version of the action. */
  load<T>(name: string, check: (value: unknown) => value is T): T | undefined;
}

/** Every text in `value`, names of fields left out where they are written in code. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    /^[A-Za-z]*$/.test(key) ? textsIn(inner) : [key, ...textsIn(inner)],
  );
}

function refuseSecretNames(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (secretName.test(key) && !harmlessName.test(key))
      throw new Error(`State must hold no secret, but ${path}.${key} is named like one.`);
    refuseSecretNames(inner, `${path}.${key}`);
  }
}

/** The runner's state, under names of this action. */
export function runnerState(action: string, masker: Masker = runnerMasker): State {
  const key = (name: string): string => `slipway_${action}_${name}`;
  return {
    save: (name, value, names = []) => {
      refuseSecretNames({ [name]: value }, action);
      const text = JSON.stringify({ version, value });
      const known = [...names].filter((one) => one !== '').sort((x, y) => y.length - x.length);
      const open = textsIn(value).map((one) =>
        known.reduce((rest, plain) => rest.replaceAll(plain, ' '), one),
      );
      if (open.some((one) => masker.redact(one) !== one) || secretLooks.test(text))
        throw new Error(`State must hold no secret, but the value of ${action}.${name} has one.`);
      if (Buffer.byteLength(text) > maxStateBytes)
        throw new Error(
          `State is limited to 64 KiB, but ${action}.${name} has ${Buffer.byteLength(text)} bytes.`,
        );
      core.saveState(key(name), text);
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
