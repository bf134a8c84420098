import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { measureAccuracy, measureSpeeds, scoresOf } from './verify-health/accuracy.ts';

const execute = promisify(execFile);
const results = path.join(import.meta.dirname, 'results', 'verify-health.json');
const usage =
  'usage: npm run bench -- verify-health [accuracy [SEEDS [even]] | replay [SEED] | live]';

/** Keeps what another part of this benchmark has left. */
async function save(part: string, result: object): Promise<void> {
  const { stdout } = await execute('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
  });
  const machine = { cores: availableParallelism(), load: loadavg()[0] };
  const kept = existsSync(results)
    ? (JSON.parse(readFileSync(results, 'utf8')) as Record<string, unknown>)
    : {};
  const all = { ...kept, [part]: { commit: stdout.trim(), machine, ...result } };
  mkdirSync(path.dirname(results), { recursive: true });
  writeFileSync(results, `${JSON.stringify(all, null, 1)}\n`);
}

/** A median of few cases is an accident. */
const timedSeeds = 40;

/** The rules were tuned on even seeds; what is published comes from odd ones. */
function measure(count: number, odd: boolean): object {
  const seedsOf = (many: number): number[] =>
    Array.from({ length: many }, (_, index) => 2 * index + (odd ? 1 : 2));
  const seeds = seedsOf(count);
  const samples = measureAccuracy(seeds, (text) => console.log(text));
  const scores = [...samples].map(([verifier, own]) => scoresOf(verifier, own));
  const speeds = measureSpeeds(seedsOf(timedSeeds));
  console.table(
    scores.map(({ verifier, good, bad, clearCut }) => ({
      verifier,
      'false alarms': `${good.unhealthy.count} of ${good.cases}`,
      'unsafe passes': `${bad.healthy.count} of ${bad.cases}`,
      'clear-cut': `${clearCut.healthy.count} of ${clearCut.cases}`,
      detected: `${clearCut.unhealthy.count} of ${clearCut.cases}`,
    })),
  );
  for (const [name, { failSeconds, passSeconds }] of Object.entries(speeds))
    console.log(name, failSeconds ?? passSeconds);
  return { seeds: { count, odd }, scores, speeds };
}

/**
 * How often verify-health's rule is right: on releases made by a generator, against emulators of other
 * rules; with `replay`, on the same releases in a real Prometheus, read by the action's own code; with `live`, on releases in the lab, against what people use instead.
 */
export async function run(args: readonly string[]): Promise<void> {
  const [part = 'accuracy', count = '3', which] = args;
  if (part === 'live') {
    const { verifyLiveReleases } = await import('./verify-health/live-releases.ts');
    await save('live', await verifyLiveReleases());
    return;
  }
  if (part === 'replay') {
    const { measureReplay } = await import('./verify-health/replay/replay-accuracy.ts');
    const seed = args[1] === undefined ? 1 : Number(args[1]);
    const result = await measureReplay(seed, (text) => console.log(text));
    console.table((result as { classes: object[] }).classes);
    if (seed % 2 === 1) await save('replay', result);
    return;
  }
  if (part !== 'accuracy' || !/^[1-9]\d*$/.test(count)) throw new Error(usage);
  const result = measure(Number(count), which !== 'even');
  if (which !== 'even') await save('accuracy', result);
}
