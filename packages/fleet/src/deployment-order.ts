import { InputError, quoted } from '@slipway/runtime';
import { circleIn } from './circle.ts';
import { unknownName } from './cross-references.ts';

/** A service and those that are deployed before it, by name. */
export interface OrderedService {
  name: string;
  dependsOn: readonly string[];
  /** Where a file says what it depends on, see `saidAt`. */
  said?: string | undefined;
}

/**
 * The names of `due` in the order of deployment: those of a later group depend on those of an earlier
 * one, also through services that are not due, and each is in the earliest group that it can be in.
 * Throws an InputError for a service that does not exist and for a circle, which it names.
 */
export function deploymentOrder(
  services: readonly OrderedService[],
  due: readonly string[] = services.map(({ name }) => name),
): readonly (readonly string[])[] {
  const groups: string[][] = [];
  for (const [name, level] of levels(needsOf(services), new Set(due)).due)
    (groups[level] ??= []).push(name);
  return groups;
}

/**
 * For each name of `due` those of `due` that it waits for itself: what it depends on, and in place of a
 * service that is not due what that one waits for. Throws as `deploymentOrder` does.
 */
export function dueBefore(
  services: readonly OrderedService[],
  due: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const needs = needsOf(services);
  const wanted = new Set(due);
  const found = new Map<string, ReadonlySet<string>>();
  for (const name of levels(needs, wanted).all) {
    const before = (needs.get(name) ?? []).flatMap((other) =>
      wanted.has(other) ? [other] : [...(found.get(other) ?? [])],
    );
    found.set(name, new Set(before));
  }
  return new Map(due.map((name) => [name, [...(found.get(name) ?? [])]]));
}

type Needs = ReadonlyMap<string, readonly string[]>;

/** What each service needs, checked. */
function needsOf(services: readonly OrderedService[]): Needs {
  const needs = new Map(services.map(({ name, dependsOn }) => [name, dependsOn]));
  const names = [...needs.keys()];
  const places = new Map(services.map(({ name, said }) => [name, said]));
  for (const [name, wanted] of needs)
    for (const other of wanted)
      if (!needs.has(other))
        throw new InputError(
          `${places.get(name) ?? `depends-on of the service ${quoted(name)}`}: ${unknownName(other, names)}`,
        );
  const circle = circleIn(needs);
  if (circle !== undefined) {
    const place = places.get(circle[0] ?? '');
    const what = `services depend on each other in a circle: ${circle.join(' → ')}.`;
    throw new InputError(place === undefined ? `The ${what}` : `${place}: the ${what}`, {
      next: 'Take one of them out of a depends-on.',
    });
  }
  return needs;
}

/** All names, each behind what it needs; and how many of `due` stand before each of them at most. */
function levels(
  needs: Needs,
  due: ReadonlySet<string>,
): { all: readonly string[]; due: ReadonlyMap<string, number> } {
  const found = new Map<string, number>();
  const left = new Set(needs.keys());
  while (left.size > 0)
    for (const name of left) {
      const before = needs.get(name) ?? [];
      if (before.some((other) => !found.has(other))) continue;
      const counted = before.map((other) => (found.get(other) ?? 0) + (due.has(other) ? 1 : 0));
      found.set(name, Math.max(0, ...counted));
      left.delete(name);
    }
  return {
    all: [...found.keys()],
    due: new Map([...found].filter(([name]) => due.has(name))),
  };
}
