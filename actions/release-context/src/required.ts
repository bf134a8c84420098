import type { Exec } from '@slipway/exec';
import type { Fleet } from '@slipway/fleet';
import { readSuccesses } from '@slipway/github';
import { deployments, unchangedSince, type Discovery, type Service } from '@slipway/release';
import type { Log, Run } from '@slipway/runtime';
import { recordedTarget } from './deployed.ts';
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
  const { plan, fleet, inputs } = facts;
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
  const held = new Map<string, string>();
  for (const environment of required) {
    const waves = fleet?.environments.find(({ name }) => name === environment)?.waves ?? [];
    for (const { name: target } of waves.flat()) {
      const services = facts.discovery.services.filter(
        ({ name }) => names.has(name) && !held.has(name),
      );
      const place = { environment, target };
      for (const [name, why] of await missingIn(run, exec, { facts, services, place }))
        held.set(name, why);
    }
  }
  return held;
}

/** The services that were not verified in one place, and why not. */
async function missingIn(
  run: Run,
  exec: Exec,
  given: {
    facts: RequiredFacts;
    services: readonly Service[];
    place: { environment: string; target: string };
  },
): Promise<ReadonlyMap<string, string>> {
  const { facts, services, place } = given;
  if (services.length === 0) return new Map();
  const { inputs, discovery, sharedPaths, sha } = facts;
  const { environment, target } = place;
  const where = target === '' ? environment : `${environment} (${target})`;
  const targets = [...new Set([recordedTarget(inputs.name, target), target])];
  const names = services.map(({ name }) => name);
  const answer = await askGitHub(run, inputs.token, (github) =>
    readSuccesses(github, { environment, services: names, targets, commit: sha }),
  );
  if (!answer.known) {
    const { why, next } = answer;
    run.log.error(
      `What was verified in ${where} cannot be read, so nothing is let into ${facts.plan.environment}: ${why}.\nNext: ${next} Or release with allow-unverified: true.`,
      { title: 'release-context' },
    );
    return new Map(
      names.map((name) => [name, `what was verified in ${where} is not known: ${why}`]),
    );
  }
  const question = { repository: discovery.repository, sharedPaths, services: discovery.services };
  return await changedServices(
    { exec, log: quiet(run.log) },
    { question, services, verified: answer.value, sha, where },
  );
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
