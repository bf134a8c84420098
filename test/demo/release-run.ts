import { tagEvent } from '../fixtures/github-events.ts';
import type { WorkflowRun } from '../workflows/local-runner.ts';
import { equals } from './checks.ts';
import type { Check } from './demo-result.ts';
import { jobsNamed, servicesOf, stepOf, type World } from './world.ts';

/** Tags what is there and runs the release of that tag. */
export async function releaseTag(
  world: World,
  folder: string,
  tag: string,
  onLine?: (line: string) => void,
): Promise<WorkflowRun> {
  await world.shop.tag(tag);
  const commit = { sha: await world.shop.sha(), message: `Release ${tag}` };
  const event = tagEvent({ tag, commit });
  return await world.release({ folder, event, ...(onLine === undefined ? {} : { onLine }) });
}

/** The job that deploys a service. */
export function deployOf(run: WorkflowRun, service: string) {
  return jobsNamed(run, 'Deploy ').find(({ matrix }) => matrix['service'] === service);
}

/** The version that was planned. */
export function planned(run: WorkflowRun): string {
  return stepOf(jobsNamed(run, 'Plan')[0], 'release-context')?.outputs['version'] ?? '';
}

/** That these services, and no others, were found healthy. */
export function verdicts(run: WorkflowRun, services: readonly string[]): readonly Check[] {
  const deployed = jobsNamed(run, 'Deploy ');
  const healthy = deployed.filter(
    (job) => stepOf(job, 'verify-health')?.outputs['verdict'] === 'healthy',
  );
  return [equals('services found healthy', servicesOf(healthy), services)];
}
