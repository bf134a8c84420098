import * as z from 'zod';
import { actionInputSchema } from './action-input-schema.ts';
import { expected, nameLike, oneOrMore, textLike } from './expectation.ts';
import { strictMap } from './strict-map.ts';

const target = '[a-z0-9]{1,12}\\/[a-z0-9]{1,12}(?:\\/[a-z0-9]{1,12})?';
const targetWords = 'targets such as [linux/amd64, linux/arm64]';

/** A path in the repository, which no tool takes for a flag. */
export const pathInside = textLike(
  /^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9._/-]{1,500}$/,
  'a path inside the repository, without ".."',
);

/** The name of a service: of its Helm release, its image and its workload. */
export const serviceName = nameLike(
  /^[a-z](?:[-a-z0-9]{0,51}[a-z0-9])?$/,
  'lower-case letters, digits and "-", at most 53, beginning with a letter',
);

/** What can be said of services together and of each alone. */
const sharedShape = {
  image: z
    .union(
      [
        z.boolean(),
        z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*){0,20}$/, {
            error: expected('true, false or an image repository such as ghcr.io/acme/api'),
          }),
      ],
      { error: expected('true, false or an image repository such as ghcr.io/acme/api') },
    )
    .describe('Whether an image is pushed, or its repository; "registry" and the name by default.')
    .optional(),
  targets: z
    .union(
      [
        z
          .array(textLike(new RegExp(`^${target}$`), targetWords))
          .min(1, { error: expected(targetWords) }),
        textLike(new RegExp(`^\\s*${target}(?:\\s+${target}){0,50}\\s*$`), targetWords),
      ],
      { error: expected(targetWords) },
    )
    .transform((value): readonly string[] =>
      typeof value === 'string' ? value.trim().split(/\s+/) : value,
    )
    .describe('What is built, GOOS/GOARCH.')
    .optional(),
  tags: oneOrMore(textLike(/^[\p{L}\p{N}_.]{1,100}$/u, 'a build tag'), 'a list of build tags')
    .describe('Build tags, for building, testing and the import graph.')
    .optional(),
  ldflags: textLike(/^[^\r\n]{0,2000}$/, 'flags of the linker in one line')
    .describe("Flags of Go's linker.")
    .optional(),
  cgo: z
    .union([z.boolean(), textLike(/^[a-z]{1,10}$/, 'auto, true or false')], {
      error: expected('auto, true or false'),
    })
    .transform(String)
    .describe('auto, true or false, as in go-cross-build.')
    .optional(),
  owners: oneOrMore(
    textLike(/^[^\r\n]{1,100}$/, 'a name such as "@acme/payments"'),
    'a list of names such as "@acme/payments"',
  )
    .describe('Who is named when it fails.')
    .optional(),
  go: actionInputSchema('go')
    .meta({ id: 'go', description: 'Inputs of setup-go-cached.' })
    .optional(),
  build: actionInputSchema('build')
    .meta({ id: 'build', description: 'Inputs of go-cross-build.' })
    .optional(),
  helm: actionInputSchema('helm')
    .meta({ id: 'helm', description: 'Inputs of helm-atomic-upgrade.' })
    .optional(),
  verify: actionInputSchema('verify')
    .meta({ id: 'verify', description: 'Inputs of verify-health.' })
    .optional(),
} as const;

/** What is said of every service that says nothing else. */
export const defaultsSchema = strictMap(sharedShape, {
  name: 'Say it of each service under services.',
  package: 'Say it of each service under services.',
  chart: 'Say it of each service under services.',
  workload: 'Say it of each service under services.',
});

/** The settings of one service, in the file at the root and in the one of its own folder. */
export const serviceSchema = strictMap({
  name: serviceName.describe("What it is called; the folder's name by default.").optional(),
  package: pathInside.describe('The main package; found in the folder by default.').optional(),
  'working-directory': pathInside
    .describe('The folder of its go.mod. It is found; another one than that is refused.')
    .optional(),
  chart: textLike(
    /^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$))(?:[A-Za-z0-9._/-]|\{service\}){1,500}$/,
    'a path inside the repository, without "..", in which {service} is filled in',
  )
    .describe(
      'The folder of its chart, {service} is filled in; chart in its folder, or charts/NAME, by default.',
    )
    .optional(),
  'depends-on': oneOrMore(serviceName, 'a list of services')
    .describe('Services that are deployed before this one.')
    .optional(),
  workload: textLike(/^[a-z]+\/[a-z0-9][-a-z0-9.]{0,252}$/, 'for example deployment/api')
    .describe('What is watched; deployment/NAME by default.')
    .optional(),
  image: sharedShape.image,
  targets: sharedShape.targets,
  tags: sharedShape.tags,
  ldflags: sharedShape.ldflags,
  cgo: sharedShape.cgo,
  owners: sharedShape.owners,
  go: sharedShape.go,
  build: sharedShape.build,
  helm: sharedShape.helm,
  verify: sharedShape.verify,
});

/** What a file says of a service; what it does not say has no key. */
export type ServiceSettings = z.output<typeof serviceSchema>;
