import { nearestName, quoted } from '@slipway/runtime';
import * as z from 'zod';

/** A value of the file in a few words, for whoever reads what is wrong with it. */
function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a map';
}

/** What zod says of a value that is not `what`: `"5 minutes" is not valid; expected …`. */
export function expected(what: string): (issue: { input?: unknown }) => string {
  return ({ input }) =>
    input === undefined
      ? `is missing; expected ${what}.`
      : `${shown(input)} is not valid; expected ${what}.`;
}

/** A text that `pattern` matches, told as `what`. */
export function textLike(pattern: RegExp, what: string): z.ZodString {
  return z.string({ error: expected(what) }).regex(pattern, { error: expected(what) });
}

/** A name in lower case that `pattern` matches; of `json_exporter` or `Order API` the name is told that was meant. */
export function nameLike(pattern: RegExp, what: string): z.ZodString {
  const words = expected(what);
  return z.string({ error: words }).regex(pattern, {
    error: (issue) => {
      const name = String(issue.input)
        .slice(0, 100)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
      return pattern.test(name) ? `${words(issue)} Did you mean ${name}?` : words(issue);
    },
  });
}

/** One of `values`; of any other text the nearest is named. */
export function oneOf<const T extends readonly [string, ...string[]]>(
  values: T,
): z.ZodEnum<z.core.util.ToEnum<T[number]>> {
  return z.enum(values, {
    error: ({ input }) => {
      const nearest = typeof input === 'string' ? nearestName(input, values) : undefined;
      const meant = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
      return `${shown(input)} is unknown; valid values: ${values.join(', ')}.${meant}`;
    },
  });
}

/** One of a kind, or a list of them; always a list for the code. */
export function oneOrMore<T extends string>(
  item: z.ZodType<T, string>,
  what: string,
): z.ZodType<readonly T[], string | readonly string[]> {
  return z
    .union([z.array(item), item], { error: expected(what) })
    .transform((value): readonly T[] => (typeof value === 'string' ? [value] : value));
}
