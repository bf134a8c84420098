import { publishedPrograms } from '../../test/fixtures/published-programs.ts';

export const program = publishedPrograms.sh;
export const targets = ['linux/amd64', 'linux/arm64', 'darwin/arm64', 'windows/amd64'];
export const imageTargets = targets.filter((target) => target.startsWith('linux/'));

export type Job = 'programs' | 'images';
type Cache = 'empty' | 'new commit';

export interface Arm {
  name: string;
  job: Job;
  version: string;
  /** Files, arguments and environment of one run in `folder`; output must go to `out`. */
  command: (
    folder: string,
    out: string,
  ) => {
    file: string;
    args: string[];
    env: Record<string, string>;
  };
}

export interface Sample {
  arm: string;
  job: Job;
  cache: Cache;
  wallMs: number;
  cpuMs: number | undefined;
  peakBytes: number | undefined;
  /** Bytes of the programs that it left; of images what the registry holds of the first platform. */
  bytes: number;
}

/** What is measured: one arm after the other on the same source, whose commits `run` makes. */
export interface Course {
  registry: string;
  scratch: string;
  folder: string;
  out: string;
}
