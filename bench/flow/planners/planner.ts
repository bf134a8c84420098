import type { Change, Files, SampleRepository } from '../corpus/index.ts';

/** A change that was pushed, in a checkout of its newest commit. */
export interface PushedChange {
  dir: string;
  before: string;
  after: string;
  change: Change;
  repository: SampleRepository;
  /** The files of the newest commit. */
  files: Files;
  /** How Go reaches the modules of others. */
  goEnv: Readonly<Record<string, string>>;
}

/** Something that says which services a change concerns. */
export interface Planner {
  name: string;
  /** Which version ran, or what it was written from. */
  version: string;
  /** Names of services; undefined when it failed, after which one can only build everything. */
  plan: (pushed: PushedChange) => Promise<readonly string[] | undefined>;
}
