import { InputError, quoted } from '@slipway/runtime';
import { unknownName } from './cross-references.ts';
import type { Environment, Fleet, When } from './fleet.ts';

/** What starts a release, as far as an environment is chosen by it. */
export interface ReleaseStart {
  /** A tag is `pre-release` when its version is one. */
  kind: When['kind'];
  /** The branch that was pushed or dispatched from. */
  branch?: string;
  onDefaultBranch?: boolean;
  /** The tag that was pushed or dispatched from. */
  tag?: string;
  /** The environment that was asked for by name. */
  environment?: string;
}

/** The environment of a release, and why it is that one. */
export interface ChosenEnvironment {
  environment: Environment;
  /** `environments.staging.when[0] in slipway.yml, line 12`, or that it was asked for. */
  why: string;
  /** Later ones that the release fits too. */
  passedOver: readonly string[];
}

type Glob = (glob: string) => (text: string) => boolean;

function fits(when: When, start: ReleaseStart, glob: Glob): boolean {
  const { branch, tag } = start;
  if (when.kind !== start.kind) return false;
  if (when.tags !== undefined)
    if (tag === undefined || !when.tags.some((one) => glob(one)(tag))) return false;
  if (when.branches !== undefined)
    return branch !== undefined && when.branches.some((one) => glob(one)(branch));
  // A push to any other branch is no release, unless that branch is named.
  return when.kind !== 'push' || start.onDefaultBranch === true;
}

/**
 * The environment that a release goes to: the one asked for by name, else the first in the file whose
 * `when` it fits; undefined for none. Throws an InputError for a name that the file does not have.
 */
export function environmentFor(
  fleet: Fleet,
  start: ReleaseStart,
  glob: Glob,
): ChosenEnvironment | undefined {
  const { environments, file } = fleet;
  const { environment: asked } = start;
  if (asked !== undefined && asked !== '') {
    const environment = environments.find(({ name }) => name === asked);
    if (environment === undefined)
      throw new InputError(
        `The environment ${unknownName(
          asked,
          environments.map(({ name }) => name),
        )}`,
        { next: `Name one of those in ${file}, or add ${quoted(asked)} there.` },
      );
    return { environment, why: 'asked for by name', passedOver: [] };
  }
  const fitting = environments.flatMap((environment) => {
    const index = environment.when.findIndex((when) => fits(when, start, glob));
    return index < 0 ? [] : [{ environment, index }];
  });
  const [first, ...others] = fitting;
  if (first === undefined) return undefined;
  const { environment, index } = first;
  const path = ['environments', environment.name, 'when'];
  const single = environment.when.length === 1;
  const { line } = fleet.placeOf(single ? path : [...path, index], 'key');
  return {
    environment,
    why: `environments.${environment.name}.when${single ? '' : `[${index}]`} in ${file}, line ${line}`,
    passedOver: others.map((other) => other.environment.name),
  };
}
