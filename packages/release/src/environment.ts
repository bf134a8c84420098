import { InputError, quoted } from '@slipway/runtime';
import type { ReleaseEvent } from './event/index.ts';

/** The situations that an environment can be chosen for. */
export const environmentKeys = [
  'pull-request',
  'push',
  'branch',
  'tag',
  'pre-release',
  'dispatch',
] as const;

/** `push` is the default branch, `branch` any other; the empty string means no environment. */
export type EnvironmentKey = (typeof environmentKeys)[number];

/** Where each kind of release goes unless the user says otherwise. */
export const defaultEnvironments: Readonly<Record<EnvironmentKey, string>> = {
  'pull-request': '',
  push: 'staging',
  branch: '',
  tag: 'production',
  'pre-release': 'staging',
  // Decided by the ref that was dispatched, see chooseEnvironment.
  dispatch: '',
};

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Checks an environment name; it also names a namespace, so it must be a DNS label. Throws an InputError. */
export function checkEnvironment(name: string, origin: string): string {
  if (name !== '' && !dnsLabel.test(name))
    throw new InputError(
      `${origin}: the environment ${quoted(name)} is not valid; use lower-case letters, digits and "-", at most 63, as in "staging".`,
    );
  return name;
}

/** Overrides such as `push=dev`, checked. Throws an InputError that lists the valid keys. */
export function readEnvironments(
  overrides: Readonly<Record<string, string>>,
): Readonly<Record<EnvironmentKey, string>> {
  const result: Record<EnvironmentKey, string> = { ...defaultEnvironments };
  for (const [key, name] of Object.entries(overrides)) {
    const found = environmentKeys.find((valid) => valid === key);
    if (found === undefined)
      throw new InputError(
        `environments: ${quoted(key)} is unknown; valid keys: ${environmentKeys.join(', ')}.`,
      );
    if (found === 'pull-request' && name !== '')
      throw new InputError(
        `environments: pull-request=${name} would change nothing: a pull request is built and checked, and no image of it is pushed or deployed.`,
        { next: 'Take the line out; what should be deployed goes to a branch or a tag.' },
      );
    result[found] = checkEnvironment(name, 'environments');
  }
  return result;
}

/** The environment that an event's release goes to, or the empty string. */
export function chooseEnvironment(
  event: ReleaseEvent,
  prerelease: boolean,
  environments: Readonly<Record<EnvironmentKey, string>>,
): string {
  const ofTag = environments[prerelease ? 'pre-release' : 'tag'];
  const ofBranch = (onDefaultBranch: boolean): string =>
    environments[onDefaultBranch ? 'push' : 'branch'];
  switch (event.kind) {
    case 'pull-request':
      return environments['pull-request'];
    case 'push':
      return ofBranch(event.onDefaultBranch);
    case 'tag':
      return ofTag;
    case 'dispatch': {
      const asked = event.inputs.environment;
      if (asked !== undefined) return checkEnvironment(asked, 'dispatch input');
      if (environments.dispatch !== '') return environments.dispatch;
      return 'tag' in event.from ? ofTag : ofBranch(event.from.onDefaultBranch);
    }
  }
}
