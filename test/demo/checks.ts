import type { WorkflowRun } from '../workflows/local-runner.ts';
import type { Check } from './demo-result.ts';
import { readImage } from './registry-facts.ts';
import { imagePrefix, jobsNamed, servicesOf, type World } from './world.ts';

/** A fact that must equal something; lists are compared in order. */
export function equals(fact: string, seen: unknown, wanted: unknown): Check {
  const show = (value: unknown): string =>
    Array.isArray(value) ? value.join(', ') || 'none' : String(value);
  const ok = JSON.stringify(seen) === JSON.stringify(wanted);
  return { fact, seen: ok ? show(seen) : `${show(seen)}, expected ${show(wanted)}`, ok };
}

/** A text that must match. */
export function matches(fact: string, seen: string | undefined, wanted: RegExp): Check {
  return {
    fact,
    seen: seen === undefined || seen === '' ? 'nothing' : seen,
    ok: wanted.test(seen ?? ''),
  };
}

/** How the run ended, with the names of jobs that failed; of those that should not have, with what they said. */
export function outcome(run: WorkflowRun, failing: readonly string[]): Check {
  const failed = run.jobs.filter(({ result }) => result !== 'success');
  const names = failed.map(({ name }) => plainJobName(name)).sort();
  const label = failing.length === 0 ? 'every job succeeded' : 'the job that failed, and only it';
  const check = equals(label, names, [...failing].sort());
  const ok = check.ok && (run.exitCode === 0) === (failing.length === 0);
  const said = failed
    .filter(({ name }) => !failing.includes(plainJobName(name)))
    .map(({ steps }) => steps.flatMap(({ annotations }) => annotations).join(' ') || 'no error');
  return {
    fact: check.fact,
    seen: ok && failing.length === 0 ? `${run.jobs.length} jobs` : [check.seen, ...said].join('; '),
    ok,
  };
}

/** act numbers the jobs of a matrix; the numbers are left out. */
export function plainJobName(name: string): string {
  return name.replace(/-\d+ *$/, '').trim();
}

/** The services that were built. */
export function built(run: WorkflowRun, services: readonly string[]): Check {
  return equals('services built', servicesOf(jobsNamed(run, 'Build ')), services);
}

/** That GitHub was asked nothing that its own description of its API does not have. */
export function asDescribed({ github }: World): Check {
  return equals("requests that GitHub's API does not have", github.problems, []);
}

/** That GitHub has a deployment of a service on record that succeeded, of this commit. */
export function recorded(
  { github }: World,
  given: { service: string; environment: string; sha: string },
): Check {
  const { service, environment, sha } = given;
  const newest = github.repository.deployments.find(
    (one) => one.environment === environment && one.task === `slipway:${service}`,
  );
  return equals(
    `${service} in ${environment}, on record`,
    newest === undefined
      ? 'nothing'
      : `${newest.sha.slice(0, 7)} ${newest.statuses[0]?.state ?? 'without a status'}`,
    `${sha.slice(0, 7)} success`,
  );
}

/** That a service's pods are ready, answer, and run exactly the image that a version's tag names. */
export async function serves(
  world: World,
  environment: string,
  service: string,
  version: string,
): Promise<Check> {
  const fact = `${service} serves ${version} in ${environment}`;
  const image = await readImage(world.registry, `${imagePrefix}/${service}`, version);
  const namespace = world.namespace(environment);
  const pods = await world.facts.pods(namespace, service);
  if (image === undefined) return { fact, seen: 'no such image in the registry', ok: false };
  const right = pods.filter((pod) => pod.ready && pod.image.endsWith(`@${image.digest}`));
  const first = right[0];
  if (first === undefined || right.length !== pods.length)
    return {
      fact,
      seen:
        pods
          .map((pod) => `${pod.name} ${pod.ready ? 'ready' : 'not ready'} ${pod.image}`)
          .join('; ') || 'no pods',
      ok: false,
    };
  const answered = await world.facts.ask(namespace, first.name, '/healthz').then(
    () => true,
    () => false,
  );
  return {
    fact,
    seen: `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} ready on ${image.digest.slice(0, 19)}, ${answered ? 'answering' : 'silent'}`,
    ok: answered,
  };
}
