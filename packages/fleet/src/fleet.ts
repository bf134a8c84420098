import type { PlaceOf, YamlPath } from '@slipway/yaml';
import type { FreezeWindow } from './freeze-window.ts';
import type { releaseKinds } from './schema/index.ts';
import type { ServiceSettings } from './schema/index.ts';

/** One condition of `when`; all that it says must fit. */
export interface When {
  /** What it says itself, or what follows from its branch or tag. */
  kind: (typeof releaseKinds)[number];
  /** Globs; undefined for the default branch. */
  branches: readonly string[] | undefined;
  /** Globs; undefined for every tag. */
  tags: readonly string[] | undefined;
}

/** One place that services are put in: a cluster, or hosts, or neither where the job knows. */
export interface Target {
  /** Empty for the only target of an environment without waves. */
  name: string;
  cluster: string | undefined;
  hosts: readonly string[] | undefined;
  namespace: string | undefined;
  valueFiles: readonly string[];
}

/** One environment, with what its file leaves out filled in. */
export interface Environment {
  name: string;
  when: readonly When[];
  /** At least one, of at least one target each; each wave is verified before the next begins. */
  waves: readonly (readonly Target[])[];
  /** Names of environments that the same version was verified in before. */
  requires: readonly string[];
  freeze: readonly FreezeWindow[];
}

/** What the file says of the folders that one key names. */
export interface ServiceRule {
  /** A folder or a glob of folders. */
  glob: string;
  settings: ServiceSettings;
  /** Where the settings stand in the file. */
  path: YamlPath;
}

/** A `slipway.yml` at the root of a repository, checked. */
export interface Fleet {
  file: string;
  /** In the file's order. */
  services: readonly ServiceRule[];
  /** Globs of folders that are no services. */
  without: readonly string[];
  defaults: ServiceSettings;
  /** In the file's order; a release goes to the first that it fits. */
  environments: readonly Environment[];
  registry: string | undefined;
  sharedPaths: readonly string[];
  placeOf: PlaceOf;
}

/** A `slipway.yml` in the folder of a service, checked. */
export interface ServiceFile {
  file: string;
  settings: ServiceSettings;
  placeOf: PlaceOf;
}
