import * as z from 'zod';
import { environmentName, environmentSchema } from './environment-schema.ts';
import { expected, oneOrMore, textLike } from './expectation.ts';
import { defaultsSchema, serviceSchema } from './service-schema.ts';
import { strictMap } from './strict-map.ts';

const folderGlob = textLike(
  /^(?:(?!\/|-)|!(?!\/|-))(?!(?:.*\/)?\.\.(?:\/|$))[^\s\\\0]{1,300}$/,
  'a folder or a glob inside the repository, such as services/*',
);

/** The file at the root. */
export const fleetSchema = strictMap({
  services: z
    .record(folderGlob, z.nullable(serviceSchema), { error: expected('a map of folders') })
    .describe('Folders and globs of the services; "!" before one takes its folders out again.')
    .optional(),
  defaults: z.nullable(defaultsSchema).describe('What holds for every service.').optional(),
  environments: z
    .record(environmentName, z.nullable(environmentSchema), {
      error: expected('a map of environments'),
    })
    .describe('Where releases go. The first that a release fits is taken.')
    .optional(),
  registry: textLike(
    /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*){0,20}\/?$/,
    'a lower-case image repository prefix such as ghcr.io/acme',
  )
    .describe("Image repository prefix; the service's name is appended.")
    .optional(),
  'shared-paths': oneOrMore(textLike(/^(?!-)[^\s\\]{1,300}$/, 'a glob of files'), 'a list of globs')
    .describe('Globs of files that concern every service when they change.')
    .optional(),
});

/** The file at the root as it was read and checked, before names in it are looked up. */
export type FleetText = z.output<typeof fleetSchema>;
