import * as z from 'zod';
import type { ActionInputKind } from './action-input-kind.ts';
import { actionInputs } from './action-inputs.ts';
import { expected, oneOf, textLike } from './expectation.ts';
import { strictMap } from './strict-map.ts';

/** The keys of slipway.yml that hold the inputs of an action. */
export type ActionKey = keyof typeof actionInputs;

/** Inputs of one action as the file has them, each checked for its kind. */
export type ActionInputs = Readonly<Record<string, unknown>>;

/** A line of an input with one entry per line; one that begins with `#` would be a comment to the action. */
const line = z
  .string({ error: expected('a text in quotes') })
  .regex(/^(?!\s*#)[^\r\n]*\S[^\r\n]*$/, {
    error: expected('one line that is not empty and does not begin with "#"'),
  });
const mapKey = z.string().regex(/^(?!\s*#)[^\r\n=]*[^\s=][^\r\n=]*$/, {
  error: expected('a key in one line, without "=", that does not begin with "#"'),
});
const scalar = z.union([line, z.literal(''), z.boolean(), z.number()], {
  error: expected('a text of one line, a number, true or false'),
});
const notNothing = 'a value, or no such key';

const whole = z.int();
const kinds = {
  text: z.union([z.string(), whole], {
    error: expected('a text; put a number with a fraction into quotes'),
  }),
  boolean: z.union([z.boolean(), z.enum(['true', 'false'], { error: expected('true or false') })], {
    error: expected('true or false'),
  }),
  integer: z.union([whole, textLike(/^-?\d{1,15}$/, 'a whole number')], {
    error: expected('a whole number'),
  }),
  number: z.union([z.number(), textLike(/^[\d.]{1,20}$/, 'a number')], {
    error: expected('a number'),
  }),
  duration: z.union(
    [
      z.literal(0),
      z.string().regex(/^(?:0|(?:\d{1,9}(?:\.\d{1,6})?(?:ms|s|m|h))+)$/, {
        error: expected('a duration such as 90s, 5m or 1h30m'),
      }),
    ],
    { error: expected('a duration such as 90s, 5m or 1h30m') },
  ),
  list: z.union([z.array(z.union([line, z.number(), z.boolean()])), z.string(), whole], {
    error: expected('a list'),
  }),
  map: z.union([z.record(mapKey, scalar), z.string()], { error: expected('a map') }),
  json: z.union([z.record(z.string(), z.any()), z.string()], {
    error: expected('a map, or lines of key=JSON'),
  }),
  document: z.any().refine((value) => value !== null, { error: expected(notNothing) }),
} as const;

const nameLike = z.union(
  [textLike(/^(?:\w[\w./-]{0,252})?$/, 'letters, digits, "-", "." and "/"'), whole],
  {
    error: expected('letters, digits, "-", "." and "/"'),
  },
);

/**
 * Inputs that workflows hand to others than their action too: to hooks, to the names of artifacts and
 * groups, and to actions that see a list in several lines and a pattern in `*`.
 */
const places: Readonly<Record<ActionKey, Readonly<Record<string, z.ZodType>>>> = {
  go: {},
  build: {
    'output-dir': textLike(
      /^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9._/-]{0,500}$/,
      'a path inside the repository, without ".."',
    ),
  },
  helm: {
    release: nameLike,
    namespace: nameLike,
    chart: textLike(/^(?!-)[^\p{C}]{0,2000}$/u, 'a chart in one line'),
  },
  verify: { release: nameLike, namespace: nameLike, workload: nameLike },
};

function secretSchema(name: string): z.ZodNever {
  return z.never({
    error: () =>
      `a secret has no place in a file of the repository; hand ${name} to the workflow under "secrets:", or to the action as \${{ secrets.NAME }}.`,
  });
}

function kindSchema(name: string, kind: ActionInputKind): z.ZodType {
  if (kind === 'secret') return secretSchema(name);
  if (typeof kind === 'string') return kinds[kind];
  const [first = '', ...others] = kind;
  const values = oneOf([first, ...others]);
  // `cgo: true` is a boolean to YAML and a word to the action.
  return kind.includes('true') ? z.union([z.boolean(), values]) : values;
}

function advise(
  names: readonly string[],
  advice: (name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, advice(name)]));
}

/** Of what would make a release deploy or verify nothing and end well. */
function ownStep(name: string): string {
  return `This file says how services are released; give ${name} to a step of your own.`;
}

/** Advice for inputs that are not taken under a key. */
const notTaken: Readonly<Record<ActionKey, Readonly<Record<string, string>>>> = {
  go: {},
  build: Object.assign(
    advise(
      ['targets', 'package', 'working-directory', 'ldflags', 'tags', 'cgo', 'image'],
      (key) => `Say it as the key ${key} beside build.`,
    ),
    { packages: 'Say it as the key package beside build.' },
    advise(['plan-only'], ownStep),
  ),
  helm: advise(['uninstall', 'dry-run', 'source-commit'], ownStep),
  verify: advise(['mode'], ownStep),
};

/** The schema of all inputs that stand under `key`, each optional. */
export function actionInputSchema(key: ActionKey): z.ZodType<ActionInputs> {
  const inputs: Readonly<Record<string, ActionInputKind>> = actionInputs[key];
  const shape: Record<string, z.ZodOptional> = {};
  for (const [name, kind] of Object.entries(inputs))
    shape[name] = (places[key][name] ?? kindSchema(name, kind)).optional();
  return strictMap(shape, notTaken[key]);
}
