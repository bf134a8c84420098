import { availableParallelism, loadavg } from 'node:os';
import { openChartWorkspace } from '../../test/rollout/charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture } from '../../test/rollout/helm-fixture.ts';
import { majors, plainHelm, slipway, type Ended, type Major, type Upgrade } from './arm.ts';
import { atOnce, writeResult } from './results.ts';
import { slowRollouts, type SlowRollout } from './slow-rollouts.ts';

interface Sample {
  rollout: string;
  major: Major;
  arm: 'plain' | 'slipway';
  round: number;
  wallMs: number;
  ok: boolean;
  reason: string;
  load: number;
}

/** Of the operators only what makes the cluster know their kinds. */
const crds = [
  ['cert-manager.io', 'Certificate', 'certificates'],
  ['external-secrets.io', 'ExternalSecret', 'externalsecrets'],
].map(
  ([group = '', kind = '', plural = '']) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: ${kind}, plural: ${plural} }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`,
);

const timeout = '4m';

/** One rollout from a good first revision to its slow second one; its objects are removed. */
async function once(
  place: { fixture: HelmFixture; major: Major; workspace: string },
  rollout: SlowRollout,
  { chart, release, arm }: { chart: string; release: string; arm: Sample['arm'] },
): Promise<Ended> {
  const { fixture, major, workspace } = place;
  const upgrade = (values: string): Promise<Ended> => {
    const wanted: Upgrade = { release, chart, workspace, values, timeout };
    return arm === 'plain' ? plainHelm(fixture, major, wanted) : slipway(fixture, wanted);
  };
  try {
    const first = await upgrade('slow: false\n');
    if (!first.ok) throw new Error(`The first revision of ${release} failed: ${first.output}`);
    const [ended] = await Promise.all([
      upgrade('slow: true\n'),
      rollout.meanwhile?.(fixture, release),
    ]);
    return ended;
  } finally {
    await fixture.helm('uninstall', release, '--ignore-not-found');
    const late = ['secret/', 'configmap/'].map((kind) => `${kind}${release}-late`);
    await fixture.kubectl('delete', ...late, '-n', fixture.namespace, '--ignore-not-found');
    await rollout.after?.(fixture, release);
  }
}

/**
 * Rollouts that take their time and are fine: which arm gives one up. `rounds` of each on both majors,
 * `width` at the same time; plain Helm once, to show that it completes them. Writes
 * bench/results/helm-slow-but-fine.json.
 */
export async function runSlowButFine(rounds: number, width: number): Promise<void> {
  const samples: Sample[] = [];
  const charts = await openChartWorkspace();
  try {
    for (const [index, { template }] of slowRollouts.entries())
      await charts.write(`slow-${index}`, template);
    await charts.write('crds', crds.join('---\n'));
    for (const major of majors) {
      const fixture = await openHelmFixture('slow', major);
      const place = { fixture, major, workspace: charts.folder };
      try {
        await slipway(fixture, {
          release: 'crds',
          chart: 'crds',
          values: '',
          timeout,
          workspace: charts.folder,
        });
        const runs = Array.from({ length: rounds + 1 }, (_, round) =>
          slowRollouts.map((rollout, index) => ({ rollout, index, round })),
        ).flat();
        await atOnce(width, runs, async ({ rollout, index, round }) => {
          const arm = round === 0 ? 'plain' : 'slipway';
          const names = { chart: `slow-${index}`, release: `slow-${index}-${round}`, arm } as const;
          const { ok, wallMs, output } = await once(place, rollout, names);
          const [reason = ''] = ok ? [] : output.trim().split('\n');
          const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
          const shared = { rollout: rollout.name, major, arm, round } as const;
          const sample = { ...shared, wallMs: Math.round(wallMs), ok, reason, load };
          samples.push(sample);
          console.log(JSON.stringify(sample));
        });
      } finally {
        await fixture.helm('uninstall', 'crds', '--ignore-not-found');
        await fixture.close();
      }
    }
  } finally {
    await charts.close();
  }
  const table = slowRollouts.map(({ name }) => {
    const of = (arm: Sample['arm']): Sample[] =>
      samples.filter((one) => one.rollout === name && one.arm === arm);
    const aborts = (arm: Sample['arm']): number => of(arm).filter(({ ok }) => !ok).length;
    return {
      rollout: name,
      slipwayAborts: aborts('slipway'),
      of: of('slipway').length,
      plainAborts: aborts('plain'),
      plainOf: of('plain').length,
    };
  });
  console.table(table);
  writeResult('helm-slow-but-fine', {
    rounds,
    width,
    cpus: availableParallelism(),
    table,
    samples,
  });
}
