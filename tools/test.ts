import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBundles } from './bundle/fresh-bundles.ts';
import { readSources } from './imports/sources.ts';
import { root } from './manifest.ts';
import { brokenTests, type BrokenTests } from './suites/changed/broken-tests.ts';
import { changedFiles } from './suites/changed/changed-files.ts';
import { readFiles } from './suites/changed/read-files.ts';
import { testNeeds } from './suites/changed/test-needs.ts';
import { parseTestCommand, type TestCommand } from './suites/command.ts';
import { startLabBeside, type LabBeside } from './suites/lab-beside.ts';
import { labNamespaces, removeLeftovers } from './suites/leftovers.ts';
import { runSuite } from './suites/run-suite.ts';
import { suiteOf, usesLab, type SuiteName } from './suites/suites.ts';
import { summaryOf, type SuiteOutcome } from './suites/summary.ts';

/** One suite to run; without `files` all of it. */
interface Planned {
  suite: SuiteName;
  files?: readonly string[];
}

function plan(command: TestCommand, broken: BrokenTests | undefined): readonly Planned[] {
  if (broken === undefined) return command.suites.map((suite) => ({ suite }));
  return command.suites.flatMap((suite): Planned[] => {
    if (broken.suites.has(suite)) return [{ suite }];
    const files = broken.files.filter((file) => suiteOf(file) === suite);
    return files.length === 0 ? [] : [{ suite, files }];
  });
}

async function brokenSince(ref: string): Promise<BrokenTests> {
  const changed = await changedFiles(root, ref);
  const broken = brokenTests(changed, testNeeds(readSources(root)), readFiles);
  const suites = [...broken.suites].join(', ') || 'no suite as a whole';
  console.log(
    `${changed.length} changed files since ${ref} can break: ${suites}; ${broken.files.length} single test files`,
  );
  return broken;
}

async function perform(
  { suite, files }: Planned,
  options: { args: readonly string[]; scratch: string; lab: LabBeside | undefined },
): Promise<SuiteOutcome> {
  console.log(`\n== ${suite} tests ==`);
  const started = performance.now();
  if (suite === 'contract') await ensureBundles(undefined, (line) => console.log(line));
  const inLab = usesLab.has(suite) && (await options.lab?.up) === true;
  if (usesLab.has(suite) && !inLab)
    console.log(
      'The lab did not come up, so the tests that need it will fail; the lines marked "lab |" say why.',
    );
  const before = inLab ? await labNamespaces() : undefined;
  const { args, scratch } = options;
  const chosen = files === undefined ? {} : { files };
  const result = await runSuite({ suite, args, scratch, ...chosen });
  const left = before === undefined ? [] : await removeLeftovers(before);
  return { suite, ...result, left, ms: performance.now() - started };
}

const command = parseTestCommand(process.argv.slice(2));
const since = command.changedSince;
const planned = plan(command, since === undefined ? undefined : await brokenSince(since));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-test-'));
// Its cold start takes minutes of building, so it begins first and goes on beside the quick suites.
const needsLab = planned.some(({ suite }) => usesLab.has(suite));
const lab = needsLab ? await startLabBeside() : undefined;
const outcomes: SuiteOutcome[] = [];
try {
  for (const one of planned)
    outcomes.push(await perform(one, { args: command.args, scratch, lab }));
} finally {
  await lab?.down();
  rmSync(scratch, { recursive: true, force: true });
}
const summary = summaryOf(outcomes, root);
console.log(summary.text);
const nothingToDo = planned.length === 0 && since !== undefined;
process.exit(summary.failed === 0 && (summary.passed > 0 || nothingToDo) ? 0 : 1);
