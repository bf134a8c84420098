import { InputError, quoted } from '@slipway/runtime';
import { circleIn } from './circle.ts';
import { unknownName } from './cross-references.ts';

/** A service and those that are deployed before it, by name. */
export interface OrderedService {
  name: string;
  dependsOn: readonly string[];
}

/**
 * The names of `due` in the order of deployment: those of a later group depend on those of an earlier
 * one, also through services that are not due. Throws an InputError for a service that does not exist
 * and for a circle, which it names.
 */
export function deploymentOrder(
  services: readonly OrderedService[],
  due: readonly string[] = services.map(({ name }) => name),
): readonly (readonly string[])[] {
  const needs = new Map(services.map(({ name, dependsOn }) => [name, dependsOn]));
  const names = [...needs.keys()];
  for (const [name, wanted] of needs)
    for (const other of wanted)
      if (!needs.has(other))
        throw new InputError(
          `depends-on of the service ${quoted(name)}: ${unknownName(other, names)}`,
        );
  const circle = circleIn(needs);
  if (circle !== undefined)
    throw new InputError(`The services depend on each other in a circle: ${circle.join(' → ')}.`, {
      next: 'Take one of them out of a depends-on.',
    });
  const groups: string[][] = [];
  for (const [name, level] of levels(needs))
    if (due.includes(name)) (groups[level] ??= []).push(name);
  return groups.filter(({ length }) => length > 0);
}

/** How many services stand before each one at most. */
function levels(needs: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const left = new Set(needs.keys());
  while (left.size > 0)
    for (const name of left) {
      const before = (needs.get(name) ?? []).map((other) => found.get(other));
      if (before.includes(undefined)) continue;
      found.set(name, Math.max(-1, ...before.map((level) => level ?? 0)) + 1);
      left.delete(name);
    }
  return found;
}
