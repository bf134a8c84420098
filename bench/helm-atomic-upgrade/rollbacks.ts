import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServing, readWorkload, workloadPods, type EndpointSlice, type Pod } from '@slipway/kube';
import { openChartWorkspace } from '../../test/rollout/charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture } from '../../test/rollout/helm-fixture.ts';
import { majors, plainHelm, slipway, type Ended, type Major } from './arm.ts';
import { brokenRollbacks, type BrokenRollback } from './broken-rollbacks.ts';
import { writeResult } from './results.ts';

const arms = ['plain', 'slipway'] as const;

interface Sample {
  rollback: string;
  major: Major;
  arm: (typeof arms)[number];
  round: number;
  wallMs: number;
  claims: Ended['claims'];
  /** What was wrong in the 15 s after; empty when all was as before. */
  truth: readonly string[];
  load: number;
}

/** Longer than Slipway watches by itself. */
const watchedMs = 15_000;

/** The pods of a workload, and its template, as somebody sees them who does not know of either arm. */
async function stateOf(fixture: HelmFixture, { kind }: BrokenRollback, release: string) {
  const ref = { kind, name: release, namespace: fixture.namespace };
  const workload = await readWorkload(fixture.kube, ref);
  const { current } = await workloadPods(fixture.kube, workload);
  const restarts = (pods: readonly Pod[]): number =>
    pods.reduce(
      (sum, { status }) =>
        sum + (status?.containerStatuses ?? []).reduce((all, one) => all + one.restartCount, 0),
      0,
    );
  const slices = await fixture.kube.list<EndpointSlice>(
    `/apis/discovery.k8s.io/v1/namespaces/${fixture.namespace}/endpointslices`,
    { labelSelector: `kubernetes.io/service-name=${release}` },
  );
  const endpoints = slices
    .flatMap((slice) => (slice.endpoints as typeof slice.endpoints | null) ?? [])
    .filter(({ conditions }) => conditions?.ready !== false);
  return {
    desired: workload.desired,
    template: JSON.stringify(workload.template),
    serving: current.filter(isServing).length,
    restarts: restarts(current),
    hasService: slices.length > 0,
    endpoints: endpoints.length,
  };
}

type State = Awaited<ReturnType<typeof stateOf>>;

/** What is not as it was before the upgrade that failed. */
function wrongIn(before: State, first: State, last: State): readonly string[] {
  return [
    ...(last.serving < before.desired ? [`${last.serving} of ${before.desired} pods serve`] : []),
    ...(last.template === before.template ? [] : ['another template of the pods']),
    ...(last.restarts > first.restarts ? ['pods were restarted'] : []),
    ...(before.hasService && last.endpoints < before.desired ? ['pods without requests'] : []),
  ];
}

async function once(
  place: { fixture: HelmFixture; major: Major; workspace: string },
  rollback: BrokenRollback,
  { chart, release, arm }: { chart: string; release: string; arm: Sample['arm'] },
): Promise<Pick<Sample, 'wallMs' | 'claims' | 'truth'>> {
  const { fixture, major, workspace } = place;
  const upgrade = (bad: boolean): Promise<Ended> => {
    const wanted = { release, chart, workspace, values: `bad: ${bad}\n`, timeout: '30s' };
    return arm === 'plain' ? plainHelm(fixture, major, wanted) : slipway(fixture, wanted);
  };
  try {
    const good = await upgrade(false);
    if (!good.ok) throw new Error(`The first revision of ${release} failed: ${good.output}`);
    // What somebody did by hand is there before the upgrade that fails.
    await rollback.between?.(fixture, release);
    const before = await stateOf(fixture, rollback, release);
    const { wallMs, claims, ok } = await upgrade(true);
    if (ok) throw new Error(`The upgrade of ${release} was to fail.`);
    const first = await stateOf(fixture, rollback, release);
    await sleep(watchedMs);
    const last = await stateOf(fixture, rollback, release);
    return { wallMs, claims, truth: wrongIn(before, first, last) };
  } finally {
    await fixture.kubectl(
      'delete',
      'quota',
      release,
      '-n',
      fixture.namespace,
      '--ignore-not-found',
    );
    await fixture.helm('uninstall', release, '--ignore-not-found');
  }
}

/**
 * Upgrades that fail and whose rollback may not bring everything back: what each arm claims, and what is so
 * in the 15 s after. Writes bench/results/helm-rollbacks.json.
 */
export async function runRollbacks(rounds: number): Promise<void> {
  const samples: Sample[] = [];
  const charts = await openChartWorkspace();
  try {
    for (const [index, { template }] of brokenRollbacks.entries())
      await charts.write(`back-${index}`, template);
    const runMajor = async (major: Major): Promise<void> => {
      const fixture = await openHelmFixture('rollbacks', major);
      const place = { fixture, major, workspace: charts.folder };
      try {
        for (let round = 0; round < rounds; round += 1)
          for (const [index, rollback] of brokenRollbacks.entries())
            for (const arm of arms) {
              const names = {
                chart: `back-${index}`,
                release: `back-${index}-${round}-${arm}`,
                arm,
              };
              const found = await once(place, rollback, names);
              const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
              const shared = { rollback: rollback.name, major, arm, round, load };
              const sample = { ...shared, ...found, wallMs: Math.round(found.wallMs) };
              samples.push(sample);
              console.log(JSON.stringify(sample));
            }
      } finally {
        await fixture.close();
      }
    };
    await Promise.all(majors.map(runMajor));
  } finally {
    await charts.close();
  }
  const table = brokenRollbacks.map(({ name }) => {
    const of = (arm: Sample['arm']): Sample[] =>
      samples.filter((one) => one.rollback === name && one.arm === arm);
    const falseClaims = (arm: Sample['arm']): number =>
      of(arm).filter(({ claims, truth }) => claims === 'proven' && truth.length > 0).length;
    const isBack = (arm: Sample['arm']): number =>
      of(arm).filter(({ truth }) => truth.length === 0).length;
    return {
      rollback: name,
      plainFalse: falseClaims('plain'),
      slipwayFalse: falseClaims('slipway'),
      plainBack: isBack('plain'),
      slipwayBack: isBack('slipway'),
      of: of('slipway').length,
    };
  });
  console.table(table);
  writeResult('helm-rollbacks', {
    rounds,
    watchedMs,
    cpus: availableParallelism(),
    table,
    samples,
  });
}
