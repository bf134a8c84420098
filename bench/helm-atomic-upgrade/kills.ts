import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { runnerGraceMs } from '@slipway/testing';
import { openHelmFixture, type HelmFixture } from '../../test/rollout/helm-fixture.ts';
import { root } from '../../tools/manifest.ts';
import { majors, type Major } from './arm.ts';
import { writeResult } from './results.ts';

/** `lost`: runner and Helm are gone, and nothing comes after. `cancelled`: main is told to stop, post runs. */
const ways = ['lost', 'cancelled'] as const;

interface Sample {
  major: Major;
  way: (typeof ways)[number];
  /** Milliseconds after the step began. */
  instantMs: number;
  /** Helm's words for the revisions that were left. */
  left: string;
  /** How the next run ended, to which nothing was done. */
  nextOk: boolean;
  nextMs: number;
  reason: string;
  load: number;
}

const workspace = path.join(root, 'test', 'fixtures');

/** An upgrade whose pods take some seconds to be ready, so that there is something to interrupt. */
const set = (message: string): string =>
  `message=${message}\nenv.READY_AFTER=3\nenv.MESSAGE=${message}`;

async function interrupt(
  fixture: HelmFixture,
  way: Sample['way'],
  { message, instantMs }: { message: string; instantMs: number },
): Promise<void> {
  const inputs = { set: set(message), timeout: '90s' };
  if (way === 'cancelled') {
    const toTerm = instantMs + runnerGraceMs;
    const signals = [
      { signal: 'SIGINT', afterMs: instantMs },
      { signal: 'SIGTERM', afterMs: toTerm },
      { signal: 'SIGKILL', afterMs: toTerm + 2_500 },
    ] as const;
    await fixture.step(inputs, { workspace, signals });
    return;
  }
  await fixture.cutOffStep(inputs, instantMs, { workspace });
  await fixture.killStrayHelm();
}

/**
 * Loses the runner, or cancels the job, at `instants` instants spread over an upgrade, half of each way, on
 * both majors in turns; and runs the next upgrade untouched. Writes bench/results/helm-kills.json.
 */
export async function runKills(instants: number): Promise<void> {
  const samples: Sample[] = [];
  const each = Math.ceil(instants / (majors.length * ways.length));
  for (const major of majors) {
    const fixture = await openHelmFixture('kills', major);
    try {
      await fixture.step({ set: set('first') });
      const whole = await fixture.step({ set: set('whole') });
      for (const way of ways)
        for (let index = 0; index < each; index += 1) {
          const instantMs = Math.round(((index + 0.5) / each) * whole.main.durationMs);
          await interrupt(fixture, way, { message: `${way}-${index}`, instantMs });
          const left = (await fixture.history('web')).slice(-2).join(' ');
          const started = performance.now();
          const { main } = await fixture.step({ set: set(`next-${way}-${index}`), timeout: '3m' });
          const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
          const nextOk = main.exitCode === 0 && main.outputs['status'] === 'deployed';
          const nextMs = Math.round(performance.now() - started);
          const reason = nextOk ? '' : (main.outputs['reason'] ?? '');
          const sample = { major, way, instantMs, left, nextOk, nextMs, reason, load };
          samples.push(sample);
          console.log(JSON.stringify(sample));
        }
    } finally {
      await fixture.close();
    }
  }
  const table = majors.flatMap((major) =>
    ways.map((way) => {
      const of = samples.filter((one) => one.major === major && one.way === way);
      const times = of.map(({ nextMs }) => nextMs).sort((a, b) => a - b);
      return {
        major,
        way,
        nextOk: of.filter(({ nextOk }) => nextOk).length,
        of: of.length,
        slowestNextMs: times.at(-1),
      };
    }),
  );
  console.table(table);
  writeResult('helm-kills', { instants, cpus: availableParallelism(), table, samples });
}
