import type { FakeGitHub } from '@slipway/testing';
import type { GitHubEvent } from '../fixtures/github-payload.ts';
import type { ShopRepository } from '../fixtures/shop-repository.ts';
import type { JobRun, StepRun } from '../workflows/runner-log.ts';
import type { WorkflowRun } from '../workflows/local-runner.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import type { ClusterLife } from './cluster-life.ts';

/** What the stages that deploy work on. */
export interface World {
  shop: ShopRepository;
  facts: ClusterFacts;
  life: ClusterLife;
  /** Where the runs write down what is deployed; what it holds against GitHub's description of its API. */
  github: Pick<FakeGitHub, 'repository' | 'problems'>;
  /** Host and port. */
  registry: string;
  /** Namespace of an environment. */
  namespace(environment: string): string;
  /** Runs release.yml of the shop. */
  release(question: {
    event: GitHubEvent;
    folder: string;
    /** Hears what the steps print, as it comes. */
    onLine?: (line: string) => void;
  }): Promise<WorkflowRun>;
}

/** Repository prefix of the shop's images. */
export const imagePrefix = 'acme';

/** The jobs whose names begin so. */
export function jobsNamed(run: Pick<WorkflowRun, 'jobs'>, prefix: string): readonly JobRun[] {
  return run.jobs.filter(({ name }) => name.startsWith(prefix));
}

/** The step of a job that ran an action of ours. */
export function stepOf(job: JobRun | undefined, action: string): StepRun | undefined {
  return job?.steps.find(
    ({ name, stage }) => stage === 'Main' && name.includes(`/actions/${action}@`),
  );
}

/** Names of the services of jobs, from their matrix. */
export function servicesOf(jobs: readonly JobRun[]): readonly string[] {
  return jobs.map(({ matrix }) => matrix['service'] ?? '?').sort();
}
