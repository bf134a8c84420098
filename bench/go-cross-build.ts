import * as fs from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { useLab } from '../test/lab/lab.ts';
import { ensureBundles } from '../tools/bundle/fresh-bundles.ts';
import { root } from '../tools/manifest.ts';
import { program, targets, imageTargets, type Arm, type Sample } from './go-cross-build/arm.ts';
import { prepareArms } from './go-cross-build/arms.ts';
import { changeMains, prepareSource } from './go-cross-build/source.ts';
import { measureArm } from './go-cross-build/measured-arm.ts';

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function sampleLine(round: number, { arm, job, cache, ...measured }: Sample): string {
  const { wallMs, cpuMs, peakBytes, bytes } = measured;
  const cpu = cpuMs === undefined ? '' : `, ${(cpuMs / 1000).toFixed(1)} s of CPU`;
  const peak = peakBytes === undefined ? '' : `, peak ${(peakBytes / 1e6).toFixed(0)} MB`;
  return `round ${round}, ${cache}: ${job} by ${arm}: ${(wallMs / 1000).toFixed(1)} s${cpu}${peak}, ${(bytes / 1e6).toFixed(2)} MB`;
}

function summarize(arms: readonly Arm[], samples: readonly Sample[]): readonly object[] {
  return arms.flatMap(({ name, job, version }) =>
    (['empty', 'new commit'] as const).map((cache) => {
      const own = samples.filter(
        (each) => each.arm === name && each.job === job && each.cache === cache,
      );
      const of = (pick: (sample: Sample) => number | undefined): number =>
        median(own.flatMap((sample) => pick(sample) ?? []));
      return {
        ...{ job, arm: name, version, cache },
        wallSeconds: of(({ wallMs }) => wallMs) / 1000,
        cpuSeconds: of(({ cpuMs }) => cpuMs) / 1000,
        peakMB: of(({ peakBytes }) => peakBytes) / 1e6,
        megabytes: of(({ bytes }) => bytes) / 1e6,
      };
    }),
  );
}

/**
 * Programs of four systems and images of two platforms, by the action and by what people use instead,
 * with an empty build cache and after a new commit, in turns. `rounds=N` (2) sets how often;
 * `without-peers` leaves out goreleaser and ko, which take minutes to build the first time.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(/rounds=(\d+)/.exec(args.join(' '))?.[1] ?? 2);
  const [{ registry }] = await Promise.all([useLab(), ensureBundles(['go-cross-build'])]);
  const scratch = await fs.realpath(await fs.mkdtemp(path.join(tmpdir(), 'slipway-bench-')));
  const arms = await prepareArms(registry, scratch, !args.includes('without-peers'));
  await fs.mkdir(path.join(scratch, 'temp'), { recursive: true });
  const folder = path.join(scratch, 'sh');
  const out = path.join(folder, 'out');
  await prepareSource(folder, out);
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? arms : [...arms].reverse();
    for (const cache of ['empty', 'new commit'] as const) {
      if (cache === 'new commit') await changeMains(folder, round);
      for (const arm of order) {
        const sample = await measureArm({ registry, scratch, folder, out }, arm, cache);
        samples.push(sample);
        console.log(sampleLine(round, sample));
      }
    }
  }
  await fs.rm(scratch, { recursive: true, force: true });
  const table = summarize(arms, samples);
  console.table(table);
  const what = `${program.module} ${program.version}, two programs`;
  const machine = { cores: availableParallelism(), load: loadavg() };
  const result = { what, targets, imageTargets, rounds, ...machine, table, samples };
  const file = path.join(root, 'bench', 'results', 'go-cross-build.json');
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
}
