import * as z from 'zod';
import { expected, nameLike, oneOf, oneOrMore, textLike } from './expectation.ts';
import { strictMap } from './strict-map.ts';

/** Days of the week as they are written, Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** What starts a release. `tag` is one that is no pre-release. Pull requests are not deployed. */
export const releaseKinds = ['push', 'tag', 'pre-release', 'dispatch'] as const;

/** The name of an environment, which GitHub and a namespace may have too. */
export const environmentName = nameLike(
  /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
  'lower-case letters, digits and "-", at most 63, as in "staging"',
);

const oneLine = textLike(/^[^\r\n]{1,200}$/, 'a text in one line');
const word = textLike(/^(?!-)[^\s,]{1,200}$/, 'a name without blanks');
const glob = textLike(/^(?!-)[^\s]{1,200}$/, 'a glob such as release/*');
const namespace = textLike(
  /^(?:[a-z0-9-]|\{environment\}|\{service\}|\{target\}){1,63}$/,
  'lower-case letters, digits, "-", {environment}, {service} and {target}',
);
const valueFile = textLike(
  /^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9._/{}-]{1,500}$/,
  'a path inside the repository, in which {service}, {chart}, {environment} and {target} are filled in',
);

const placeShape = {
  cluster: word.describe('What the login hook is told to log in to.').optional(),
  hosts: oneOrMore(word, 'a list of hosts')
    .describe('Hosts that a service is put on, in place of a cluster.')
    .optional(),
  namespace: namespace
    .describe('Namespace of the releases; {environment}, {service} and {target} are filled in.')
    .optional(),
  'value-files': oneOrMore(valueFile, 'a list of files')
    .describe(
      'Values files, the later over the earlier; one that a service does not have is left out.',
    )
    .optional(),
} as const;

/** Cluster and hosts are two ways; editors are told by the same words as the code. */
const notBoth = { not: { required: ['cluster', 'hosts'] } };
const onePlace = (given: { cluster?: string | undefined; hosts?: unknown }): boolean =>
  given.cluster === undefined || given.hosts === undefined;
const onePlaceWords = { error: 'has both cluster and hosts; name one of them.' };

const targetSchema = strictMap({
  name: environmentName.describe('What this target is called, in jobs and summaries.'),
  cluster: placeShape.cluster,
  hosts: placeShape.hosts,
  namespace: placeShape.namespace,
  'value-files': placeShape['value-files'],
})
  .refine(onePlace, onePlaceWords)
  .meta(notBoth);

const oneTarget = z.union([environmentName, targetSchema], {
  error: expected('the name of a cluster, or a map with name and cluster'),
});

const whenSchema = strictMap({
  kind: oneOf(releaseKinds).describe('What starts the release.').optional(),
  branch: oneOrMore(glob, 'a branch or a list of them')
    .describe('Globs of branches; the default branch by default.')
    .optional(),
  tag: oneOrMore(glob, 'a glob of tags or a list of them')
    .describe('Globs of tags; every tag by default.')
    .optional(),
})
  .refine(
    ({ kind, branch, tag }) => kind !== undefined || branch !== undefined || tag !== undefined,
    {
      error: 'says nothing; give it kind, branch or tag.',
    },
  )
  .meta({ minProperties: 1 });

const time = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const date = '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';

const freezeSchema = strictMap({
  days: oneOrMore(oneOf(weekdays), 'days such as [fri, sat]')
    .describe('Days of the week on which it begins; every day by default.')
    .optional(),
  time: textLike(
    new RegExp(`^${time}-(?:${time}|24:00)$`),
    'a span such as 16:00-24:00 or 22:00-06:00',
  )
    .describe(
      'Span of the day, past midnight when it ends before it begins; the whole day by default.',
    )
    .optional(),
  dates: oneOrMore(
    textLike(
      new RegExp(`^${date}(?:\\.\\.${date})?$`),
      'a date or a span as 2026-12-20..2027-01-03',
    ),
    'dates such as 2026-12-20..2027-01-03',
  )
    .describe('Dates on which it begins, the last one included; every date by default.')
    .optional(),
  zone: textLike(/^[A-Za-z][A-Za-z0-9_+/-]{0,60}$/, 'a time zone such as Europe/Berlin')
    .describe('IANA time zone of all of it; UTC by default.')
    .optional(),
  reason: oneLine.describe('What is said to whoever is kept waiting.').optional(),
})
  .refine(({ days, time: span, dates }) => [days, span, dates].some((said) => said !== undefined), {
    error: 'would last for ever; give it days, time or dates.',
  })
  .meta({ anyOf: ['days', 'time', 'dates'].map((key) => ({ required: [key] })) });

/** One environment as the file has it. */
export const environmentSchema = strictMap({
  when: z
    .union([whenSchema, z.array(whenSchema)], { error: expected('a map, or a list of maps') })
    .describe('Which releases go here; without it, those that are sent here by name.')
    .optional(),
  cluster: placeShape.cluster,
  hosts: placeShape.hosts,
  namespace: placeShape.namespace,
  'value-files': placeShape['value-files'],
  waves: z
    .array(
      z.union([oneTarget, z.array(oneTarget).min(1, { error: 'a wave needs a target.' })], {
        error: expected('a target, or a list of targets'),
      }),
      { error: expected('a list of waves') },
    )
    .min(1, { error: 'needs a wave.' })
    .describe('Clusters or regions in order; all of a wave is verified before the next begins.')
    .optional(),
  requires: oneOrMore(environmentName, 'a list of environments')
    .describe('Environments in which the same version was verified before.')
    .optional(),
  freeze: z
    .array(freezeSchema, { error: expected('a list of windows') })
    .describe('When nothing is deployed here.')
    .optional(),
})
  .refine(onePlace, onePlaceWords)
  .meta(notBoth);

/** One environment as the file has it, its single values as lists. */
export type EnvironmentText = z.output<typeof environmentSchema>;
