import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { escapeSummary, InputError } from '@slipway/runtime';
import semver from 'semver';
import {
  deployments,
  planRelease,
  readEnvironments,
  readEvent,
  releaseContext,
  splitByTarget,
  type ReleasePlan,
} from '../../src/index.ts';
import { mutated, numbers } from './payload-mutation.ts';
import { plannedService } from '../planned-service.ts';

const names = [
  'pull_request',
  'merge_group',
  'push',
  'release',
  'workflow_dispatch',
  'repository_dispatch',
];
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly {
  name: string;
  examples: readonly unknown[];
}[];
const shapes = examples
  .filter(({ name }) => names.includes(name))
  .flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })));
/** What no line, label, name or flag may hold: controls, line ends of every kind, and what turns text around. */
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const label = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

interface Outcome {
  refused?: string;
  plan?: ReleasePlan;
  context?: string;
}

/** As release-context does it; only what the user is told to mend may be thrown. */
async function outcomeOf(name: string, payload: unknown, ref: string): Promise<Outcome> {
  const commit = { sha: 'c'.repeat(40), commitTimeMs: 0 };
  const run = { eventName: name, ref, sha: commit.sha, runId: '1', runAttempt: '1', actor: ref };
  const facts = { ...run, repository: 'acme/shop', serverUrl: 'https://github.com' };
  try {
    const event = readEvent({ eventName: name, ref, payload });
    if (event.kind === 'none') return { refused: event.why };
    const plan = await planRelease(event, {
      services: [plannedService('api'), plannedService('ledger')],
      environments: readEnvironments({}),
      registry: 'ghcr.io/acme',
      namespace: '{service}-{environment}',
      ...commit,
      affected: () =>
        Promise.resolve({ names: ['api'], because: new Map(), tests: [], why: 'a test' }),
      testsOf: () => [],
    });
    return { plan, context: JSON.stringify(releaseContext(plan, facts, commit)) };
  } catch (error) {
    if (error instanceof InputError) return { refused: `${error.message} ${error.next ?? ''}` };
    throw error;
  }
}

function checkPlan(plan: ReleasePlan): void {
  expect(semver.valid(plan.version)).toBe(plan.version);
  expect(plan.version).toMatch(label);
  expect(plan.environment).toMatch(/^[a-z0-9-]{0,63}$/);
  const jobs = [...plan.matrix, ...splitByTarget(plan.matrix), ...deployments(plan.matrix)];
  for (const value of jobs.flatMap((job) => Object.values({ ...job }))) {
    expect(value).not.toMatch(/^-/);
    expect(value.replaceAll('\n', '')).not.toMatch(unprintable);
  }
}

describe('a payload that was tampered with', () => {
  const seeds = Array.from({ length: 20 }, (_, index) => index * 50);

  it.each(seeds)(
    'is planned or refused in words that do no harm, seeds from %i on',
    async (first) => {
      for (let seed = first; seed < first + 50; seed += 1) {
        const random = numbers(seed);
        const { name, payload } = shapes[Math.floor(random() * shapes.length)] ?? {
          name: '',
          payload: {},
        };
        const tampered = mutated(payload, random);
        const ref = random() < 0.8 ? 'refs/heads/main' : String(mutated('refs/heads/main', random));
        const { refused = '', plan, context = '' } = await outcomeOf(name, tampered, ref);
        expect([seed, unprintable.test(refused), unprintable.test(context)]).toEqual([
          seed,
          false,
          false,
        ]);
        expect(escapeSummary(refused)).not.toMatch(/[<>|`](?!br>)/);
        if (plan !== undefined) checkPlan(plan);
      }
    },
  );

  it('has a shape of every event that starts a release', () => {
    expect([...new Set(shapes.map(({ name }) => name))].sort()).toEqual([...names].sort());
  });

  it('that is as GitHub sends it is planned, or says why not', async () => {
    const outcomes = await Promise.all(
      shapes.map(({ name, payload }) => outcomeOf(name, payload, 'refs/heads/main')),
    );
    expect(outcomes.filter(({ plan }) => plan !== undefined).length).toBeGreaterThan(20);
  });
});
