import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { errorMessage } from '@slipway/runtime';
import { ensureBundles } from './bundle/fresh-bundles.ts';
import { readSources } from './imports/sources.ts';
import { root } from './manifest.ts';
import { brokenTests, type BrokenTests } from './suites/changed/broken-tests.ts';
import { changedFiles } from './suites/changed/changed-files.ts';
import { readFiles } from './suites/changed/read-files.ts';
import { testNeeds } from './suites/changed/test-needs.ts';
import { parseTestCommand } from './suites/command.ts';
import { startLabBeside, type LabBeside } from './suites/lab-beside.ts';
import { labNamespaces, removeLeftovers } from './suites/leftovers.ts';
import { planSuites, type PlannedSuite } from './suites/plan.ts';
import { runSuite } from './suites/run-suite.ts';
import { usesLab, waves } from './suites/suites.ts';
import { summaryOf, type SuiteOutcome } from './suites/summary.ts';

async function brokenSince(ref: string): Promise<BrokenTests> {
  const changed = await changedFiles(root, ref);
  const broken = brokenTests(changed, testNeeds(readSources(root)), readFiles);
  const suites = [...broken.suites].join(', ') || 'no suite as a whole';
  console.log(
    `${changed.length} changed files since ${ref} can break: ${suites}; ${broken.files.length} single test files`,
  );
  return broken;
}

/** What the tests of one wave have in common. */
interface Run {
  args: readonly string[];
  scratch: string;
  lab: LabBeside | undefined;
  /** Bundles are made beside the first suites; the others need them. */
  bundles: Promise<void>;
}

interface WaveOutcome {
  outcomes: readonly SuiteOutcome[];
  left: readonly string[];
}

/** Runs suites at the same time, and sees to it that nothing of theirs stays in the lab. */
async function performWave(wave: readonly PlannedSuite[], run: Run): Promise<WaveOutcome> {
  console.log(`\n== ${wave.map(({ suite }) => suite).join(' and ')} tests ==`);
  if (wave.some(({ suite }) => suite !== 'unit')) await run.bundles;
  const needsLab = wave.some(({ suite }) => usesLab.has(suite));
  const inLab = needsLab && (await run.lab?.up) === true;
  if (needsLab && !inLab)
    console.log(
      'The lab did not come up, so the tests that need it will fail; the lines marked "lab |" say why.',
    );
  const before = inLab ? await labNamespaces() : undefined;
  const outcomes = await Promise.all(
    wave.map(async ({ suite, files }): Promise<SuiteOutcome> => {
      const started = performance.now();
      const chosen = files === undefined ? {} : { files };
      const { args, scratch } = run;
      const result = await runSuite({ suite, args, scratch, ...chosen });
      return { suite, ...result, ms: performance.now() - started };
    }),
  );
  return { outcomes, left: before === undefined ? [] : await removeLeftovers(before) };
}

const command = parseTestCommand(process.argv.slice(2));
const since = command.changedSince;
const planned = planSuites(
  command.suites,
  since === undefined ? undefined : await brokenSince(since),
);
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-test-'));
// Its cold start takes minutes of building, so it begins first and goes on beside the quick suites.
const needsLab = planned.some(({ suite }) => usesLab.has(suite));
const lab = needsLab ? await startLabBeside() : undefined;
const bundles = planned.some(({ suite }) => suite !== 'unit' && suite !== 'parts')
  ? ensureBundles(undefined, (line) => console.log(line)).catch((error: unknown) =>
      console.error(`${errorMessage(error)}\nThe tests that run the bundles will fail.`),
    )
  : Promise.resolve();
const outcomes: SuiteOutcome[] = [];
const left: string[] = [];
try {
  for (const names of waves) {
    const wave = planned.filter(({ suite }) => names.includes(suite));
    if (wave.length === 0) continue;
    const done = await performWave(wave, { args: command.args, scratch, lab, bundles });
    outcomes.push(...done.outcomes);
    left.push(...done.left);
  }
} finally {
  await lab?.down();
  rmSync(scratch, { recursive: true, force: true });
}
const summary = summaryOf(outcomes, left, root);
console.log(summary.text);
const nothingToDo = planned.length === 0 && since !== undefined;
process.exit(summary.failed === 0 && (summary.passed > 0 || nothingToDo) ? 0 : 1);
