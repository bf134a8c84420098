import type { Exec } from '@slipway/exec';
import type { Fleet } from '@slipway/fleet';
import { openLedger, readSuccesses, type Successes } from '@slipway/github';
import { deployments, unchangedSince, type Discovery, type Service } from '@slipway/release';
import type { Log, Run } from '@slipway/runtime';
import { recordedTarget } from './deployed/deployed-reader.ts';
import type { FleetPlan } from './fleet-plan.ts';
import { askGitHub } from './github-answer.ts';
import type { Inputs } from './inputs.ts';

/** So many of the last commits that were verified are compared with this one. */
const mostCompared = 5;

interface RequiredFacts {
  plan: FleetPlan;
  fleet: Fleet | undefined;
  inputs: Inputs;
  discovery: Discovery;
  sharedPaths: readonly string[];
  /** The commit that is released. */
  sha: string;
}

/**
 * The services of a plan that its environment does not let in, and what is missing: by `requires` each must
 * have been deployed with success, to every target of every required environment, at this commit or at one
 * since which nothing that concerns it changed. What cannot be read lets nobody in.
 */
export async function heldByRequires(
  run: Run,
  exec: Exec,
  facts: RequiredFacts,
): Promise<ReadonlyMap<string, string>> {
  const { plan, inputs } = facts;
  const names = new Set(deployments(plan.matrix).map(({ service }) => service));
  const required = names.size === 0 ? [] : (plan.sentTo?.environment.requires ?? []);
  if (required.length === 0) return new Map();
  if (inputs.allowUnverified) {
    run.log.warning(
      `allow-unverified lets everything into ${plan.environment}, though it requires ${required.join(', ')}.`,
      { title: 'release-context' },
    );
    return new Map();
  }
  const services = facts.discovery.services.filter(({ name }) => names.has(name));
  const places = await Promise.all(
    required.map((environment) => readVerified(run, { facts, services, environment })),
  );
  const held = new Map<string, string>();
  for (const place of places.flat()) {
    const open = services.filter(({ name }) => !held.has(name));
    for (const [name, why] of await missingIn(run, exec, { facts, services: open, place }))
      held.set(name, why);
  }
  return held;
}

/** What was deployed to one place with success, as far as GitHub told. */
interface VerifiedPlace extends Successes {
  /** For people. */
  where: string;
}

/** Reads what was verified in every target of one environment, side by side. */
async function readVerified(
  run: Run,
  given: { facts: RequiredFacts; services: readonly Service[]; environment: string },
): Promise<readonly VerifiedPlace[]> {
  const { facts, services, environment } = given;
  const { plan, fleet, inputs, sha } = facts;
  const names = services.map(({ name }) => name);
  const waves = fleet?.environments.find(({ name }) => name === environment)?.waves ?? [];
  const answer = await askGitHub(run, inputs.token, (github) => {
    const ledger = openLedger(github, environment);
    return Promise.all(
      waves.flat().map(async ({ name }): Promise<VerifiedPlace> => {
        const where = name === '' ? environment : `${environment} (${name})`;
        const targets = [...new Set([recordedTarget(inputs.name, name), name])];
        const read = await readSuccesses(ledger, { services: names, targets, commit: sha });
        return { ...read, where };
      }),
    );
  });
  if (answer.known) return answer.value;
  const { why, next } = answer;
  run.log.error(
    `What was verified in ${environment} cannot be read, so nothing is let into ${plan.environment}: ${why}.\nNext: ${next} Or release with allow-unverified: true.`,
    { title: 'release-context' },
  );
  const unknown = new Map(names.map((name) => [name, why]));
  return [{ commits: new Map(), unknown, where: environment }];
}

/** The services that were not verified in one place, and why not. */
async function missingIn(
  run: Run,
  exec: Exec,
  given: { facts: RequiredFacts; services: readonly Service[]; place: VerifiedPlace },
): Promise<ReadonlyMap<string, string>> {
  const { facts, services, place } = given;
  const { discovery, sharedPaths, sha } = facts;
  const { commits, unknown, where } = place;
  const held = new Map(
    services.flatMap(({ name }): [string, string][] => {
      const why = unknown.get(name);
      return why === undefined
        ? []
        : [[name, `what was verified in ${where} is not known: ${why}`]];
    }),
  );
  const told = services.filter(({ name }) => !held.has(name));
  if (told.length === 0) return held;
  const question = { repository: discovery.repository, sharedPaths, services: discovery.services };
  const changed = await changedServices(
    { exec, log: quiet(run.log) },
    { question, services: told, verified: commits, sha, where },
  );
  return new Map([...held, ...changed]);
}

/** Those of `services` that changed since each commit at which they were verified. */
async function changedServices(
  ports: { exec: Exec; log: Log },
  given: {
    question: Parameters<typeof unchangedSince>[1];
    services: readonly Service[];
    /** By service, the newest first. */
    verified: ReadonlyMap<string, readonly string[]>;
    sha: string;
    where: string;
  },
): Promise<ReadonlyMap<string, string>> {
  const { question, verified, sha, where } = given;
  const commitsOf = ({ name }: Service): readonly string[] => verified.get(name) ?? [];
  let left = given.services.filter((service) => !commitsOf(service).includes(sha));
  const why = new Map(
    left.map(({ name }) => [name, `no successful deployment to ${where} on record`]),
  );
  for (let nth = 0; nth < mostCompared; nth += 1)
    for (const base of new Set(left.flatMap((service) => commitsOf(service)[nth] ?? []))) {
      const asked = left.filter((service) => commitsOf(service)[nth] === base);
      const { unchanged, because } = await unchangedSince(ports, question, { asked, base });
      left = left.filter(({ name }) => !unchanged.includes(name));
      // What is newest there is the best known.
      if (nth > 0) continue;
      for (const [name, reason] of because)
        why.set(name, `last verified in ${where} at ${base.slice(0, 7)}, and since: ${reason}`);
    }
  return new Map(left.map(({ name }) => [name, why.get(name) ?? '']));
}

/** A log for questions whose answer is told elsewhere. */
function quiet(log: Log): Log {
  const debug = (message: string): void => log.debug(message);
  return {
    debug,
    info: debug,
    notice: debug,
    warning: debug,
    error: debug,
    group: (title, body) => log.group(title, body),
  };
}
