import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openReleaseStore } from '@slipway/helm';
import { openHelmFixture, type HelmFixture } from '../test/rollout/helm-fixture.ts';
import { root } from '../tools/manifest.ts';
import { runKills } from './helm-atomic-upgrade/kills.ts';
import { runRollbacks } from './helm-atomic-upgrade/rollbacks.ts';
import { runSlowButFine } from './helm-atomic-upgrade/slow-but-fine.ts';
import { runSpeed } from './helm-atomic-upgrade/speed.ts';

const execute = promisify(execFile);
const chart = path.join(root, 'test', 'fixtures', 'charts', 'web');
const timeout = '60s';
const majors = ['v3', 'v4'] as const;

/** What is upgraded to, and the words in the output that count as naming the cause. */
const scenarios = [
  {
    name: 'missing image',
    set: { image: '127.0.0.1:5000/slipway/none:1' },
    cause: /none:1: not found/,
  },
  {
    name: 'crash at start',
    set: { 'env.EXIT_AFTER': '0', 'env.EXIT_CODE': '7' },
    cause: /exit code 7|exitCode: 7/i,
  },
  { name: 'no change', set: {}, cause: undefined },
  { name: 'normal upgrade', set: { message: 'new' }, cause: undefined },
] as const;

interface Sample {
  scenario: string;
  arm: string;
  wallMs: number;
  ok: boolean;
  /** For the failing ones: whether the output says why. */
  named: boolean | undefined;
  /** Whether the release was deployed and its pods ready right after the command returned. */
  healthyAfter: boolean;
  /** Revisions that the run added. */
  revisions: number;
  load: number;
}

interface Outcome {
  ok: boolean;
  wallMs: number;
  output: string;
}

async function plainHelm(
  fixture: HelmFixture,
  major: (typeof majors)[number],
  release: string,
  set: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const args = ['upgrade', '--install', release, chart, '-n', fixture.namespace, '--reset-values'];
  for (const [key, value] of Object.entries({ image: fixture.image, ...set }))
    args.push(key.startsWith('env.') ? '--set-string' : '--set', `${key}=${value}`);
  args.push('--atomic', '--wait', '--timeout', timeout);
  const started = performance.now();
  const env = { ...process.env, KUBECONFIG: fixture.lab.kubeconfig };
  const done = await execute(fixture.lab.helm[major], args, { env }).then(
    ({ stdout, stderr }) => ({ ok: true, output: stdout + stderr }),
    (error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, output: stdout + stderr };
    },
  );
  return { ...done, wallMs: performance.now() - started };
}

async function slipway(
  fixture: HelmFixture,
  release: string,
  set: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const lines = Object.entries(set).map(([key, value]) => `${key}=${value}`);
  const { main } = await fixture.step({ release, timeout, set: lines.join('\n') });
  return { ok: main.exitCode === 0, wallMs: main.durationMs, output: main.stdout };
}

async function isHealthy(fixture: HelmFixture, release: string): Promise<boolean> {
  const state = await fixture.kubectl(
    ...['get', 'deployment', release, '-n', fixture.namespace, '-o'],
    'jsonpath={.status.updatedReplicas}/{.status.readyReplicas}/{.status.replicas}',
  );
  return state === '1/1/1' && (await fixture.history(release)).at(-1) === 'deployed';
}

async function newestRevision(fixture: HelmFixture, release: string): Promise<number> {
  const history = await openReleaseStore(fixture.kube, release, fixture.namespace).history();
  return history[0]?.revision ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** What else is measured, by the first argument, with the numbers that follow. */
const others: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  speed: (args) => runSpeed(Number(args[0] ?? 5), args.includes('list')),
  slow: ([rounds = 5, width = 4]) => runSlowButFine(Number(rounds), Number(width)),
  rollbacks: ([rounds = 1]) => runRollbacks(Number(rounds)),
  kills: ([instants = 100]) => runKills(Number(instants)),
};

/**
 * Slipway against `helm upgrade --install --atomic --wait`, both majors, interleaved. `speed [rounds]
 * [list]` times no-op and upgrade alone, at three distances from the API server; `slow [rounds] [width]` runs
 * rollouts that are slow and fine, `rollbacks [rounds]` those that do not bring everything back, `kills [instants]`
 * loses the runner in the middle.
 */
export async function run(args: readonly string[]): Promise<void> {
  const [name = '', ...rest] = args;
  const other = Object.hasOwn(others, name) ? others[name] : undefined;
  if (other !== undefined) {
    await other(rest);
    return;
  }
  const repeats = Number(args[0] ?? 3);
  const samples: Sample[] = [];
  for (const major of majors) {
    const fixture = await openHelmFixture('bench', major);
    try {
      for (const release of ['plain', 'slipway']) await plainHelm(fixture, major, release, {});
      for (let round = 0; round < repeats; round += 1)
        for (const { name, set, cause } of scenarios) {
          const changed = name === 'normal upgrade' ? { message: `round ${round}` } : set;
          for (const release of round % 2 === 0 ? ['plain', 'slipway'] : ['slipway', 'plain']) {
            const last = name === 'no change' && round > 0 ? { message: `round ${round - 1}` } : {};
            const before = await newestRevision(fixture, release);
            const wanted = { ...last, ...changed };
            const outcome =
              release === 'plain'
                ? await plainHelm(fixture, major, release, wanted)
                : await slipway(fixture, release, wanted);
            const sample = {
              scenario: name,
              arm: `${release} ${major}`,
              wallMs: Math.round(outcome.wallMs),
              ok: outcome.ok,
              named: cause === undefined ? undefined : cause.test(outcome.output),
              healthyAfter: await isHealthy(fixture, release),
              revisions: (await newestRevision(fixture, release)) - before,
              load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
            };
            samples.push(sample);
            console.log(JSON.stringify(sample));
          }
        }
    } finally {
      await fixture.close();
    }
  }
  const table = scenarios.flatMap(({ name }) =>
    majors.map((major) => {
      const of = (release: string): Sample[] =>
        samples.filter((one) => one.scenario === name && one.arm === `${release} ${major}`);
      const [plainMs, slipwayMs] = ['plain', 'slipway'].map((release) =>
        median(of(release).map(({ wallMs }) => wallMs)),
      );
      return {
        scenario: name,
        major,
        plainMs,
        slipwayMs,
        ratio: Math.round(((slipwayMs ?? 0) / (plainMs ?? 1)) * 100) / 100,
        plainNamed: of('plain').filter(({ named }) => named).length,
        slipwayNamed: of('slipway').filter(({ named }) => named).length,
        plainHealthyAfter: of('plain').filter(({ healthyAfter }) => healthyAfter).length,
        slipwayHealthyAfter: of('slipway').filter(({ healthyAfter }) => healthyAfter).length,
        of: of('plain').length,
      };
    }),
  );
  console.table(table);
  const results = path.join(root, 'bench', 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(
    path.join(results, 'helm-atomic-upgrade.json'),
    `${JSON.stringify({ timeout, repeats, cpus: availableParallelism(), table, samples }, undefined, 2)}\n`,
  );
}
