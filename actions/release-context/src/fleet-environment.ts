import {
  environmentFor,
  freezeAt,
  type ChosenEnvironment,
  type Environment,
  type Fleet,
  type ReleaseStart,
} from '@slipway/fleet';
import { globMatcher } from '@slipway/glob';
import type { ReleaseEvent } from '@slipway/release';

/** Where the file at the root sends a release. */
export interface FleetEnvironment extends ChosenEnvironment {
  /** Where the file says it, as a message about it begins: `slipway.yml:9:3: environments.production`. */
  said: string;
  /** Why nothing is deployed there now; empty when something may be. */
  frozen: string;
}

function asked(kind: ReleaseStart['kind'], environment: string): { environment?: string } {
  return kind === 'dispatch' ? { environment } : {};
}

/** Whether the file at the root, and not the call, says where releases go. */
export function asksFile(
  fleet: Fleet | undefined,
  call: { environments: boolean },
): fleet is Fleet {
  return fleet !== undefined && fleet.environments.length > 0 && !call.environments;
}

/** What the event starts; a dispatch that no condition names is taken for what its branch or tag is. */
function startsOf(event: ReleaseEvent, version: string): readonly ReleaseStart[] {
  const [withoutBuild = ''] = version.split('+');
  const ofTag = withoutBuild.includes('-') ? 'pre-release' : 'tag';
  switch (event.kind) {
    case 'pull-request':
      return [];
    case 'push':
      return [{ kind: 'push', branch: event.branch, onDefaultBranch: event.onDefaultBranch }];
    case 'tag':
      return [{ kind: ofTag, tag: event.tag }];
    case 'dispatch': {
      const environment = event.inputs['environment'] ?? '';
      const { from } = event;
      if ('tag' in from)
        return (['dispatch', ofTag] as const).map((kind) => {
          return { kind, tag: from.tag, ...asked(kind, environment) };
        });
      const { branch, onDefaultBranch } = from;
      return (['dispatch', 'push'] as const).map((kind) => {
        return { kind, branch, onDefaultBranch, ...asked(kind, environment) };
      });
    }
  }
}

function frozenText({ name, freeze }: Environment, file: string, nowMs: number): string {
  const frozen = freezeAt(freeze, nowMs);
  if (frozen === undefined) return '';
  const { reason } = frozen.window;
  const until =
    frozen.untilMs === undefined
      ? 'for more than a year'
      : `until ${new Date(frozen.untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `${name} is frozen ${until}${reason === '' ? '' : ` (${reason})`} by ${file}; nothing is deployed. Run this again afterwards`;
}

function saidIn({ file, placeOf }: Fleet, name: string): string {
  const { line, column } = placeOf(['environments', name], 'key');
  return `${file}:${line}:${column}: environments.${name}`;
}

/**
 * The environment that the file at the root has for an event, undefined for none; `version` tells a
 * pre-release. Throws an InputError for a dispatch to an environment that the file does not have.
 */
export function fleetEnvironment(
  fleet: Fleet,
  event: ReleaseEvent,
  { version, nowMs }: { version: string; nowMs: number },
): FleetEnvironment | undefined {
  for (const start of startsOf(event, version)) {
    const chosen = environmentFor(fleet, start, globMatcher);
    if (chosen !== undefined)
      return {
        environment: chosen.environment,
        said: saidIn(fleet, chosen.environment.name),
        why: chosen.why,
        passedOver: chosen.passedOver,
        frozen: frozenText(chosen.environment, fleet.file, nowMs),
      };
  }
  return undefined;
}
