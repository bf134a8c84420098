import { nearestName, quoted } from '@slipway/runtime';
import * as z from 'zod';
import { expected } from './expectation.ts';

/** More than anybody mends at once. */
export const mostProblems = 20;

/**
 * A map with these keys and no others. Of an unknown key the nearest is named, or what `elsewhere` says
 * of it. The message has a line for each unknown key, in zod's order.
 */
export function strictMap<T extends z.core.$ZodLooseShape>(
  shape: T,
  elsewhere: Readonly<Record<string, string>> = {},
): z.ZodObject<T, z.core.$strict> {
  const keys = Object.keys(shape);
  const unknown = (key: string): string => {
    if (Object.hasOwn(elsewhere, key)) return `is not taken here. ${elsewhere[key] ?? ''}`;
    const nearest = nearestName(key, keys);
    return nearest === undefined
      ? `${quoted(key)} is unknown; valid keys: ${keys.join(', ')}.`
      : `${quoted(key)} is unknown; did you mean ${nearest}?`;
  };
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.slice(0, mostProblems).map(unknown).join('\n')
        : expected(`a map with keys such as ${keys.slice(0, 3).join(', ')}`)(issue),
  });
}
