import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBundles } from './bundle/fresh-bundles.ts';
import { startLabBeside } from './suites/lab-beside.ts';
import { root } from './manifest.ts';

/**
 * In the order in which they run: what is quick and likely to fail comes first. `full` runs only when
 * asked for: it builds the newest Helm of both majors, which takes minutes and seldom tells more.
 */
const suites = ['unit', 'contract', 'workflows', 'lab', 'rollout', 'full'] as const;
const usesLab = new Set<string>(['lab', 'rollout', 'full']);
/** Those that keep every core busy, or the lab to themselves, run one file at a time; rollouts mostly wait. */
const workers: Partial<Record<(typeof suites)[number], readonly string[]>> = {
  workflows: ['--runInBand'],
  lab: ['--runInBand'],
  rollout: ['--maxWorkers=3'],
  full: ['--runInBand'],
};
const usual = suites.filter((suite) => suite !== 'full');

interface Counts {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTotalTests: number;
  numRuntimeErrorTestSuites: number;
}

async function runSuite(suite: (typeof suites)[number], args: readonly string[], scratch: string) {
  const outputFile = path.join(scratch, `${suite}.json`);
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      jest,
      '--selectProjects',
      suite,
      '--passWithNoTests',
      '--json',
      `--outputFile=${outputFile}`,
      ...(workers[suite] ?? []),
      ...args,
    ],
    // jest prints its JSON on standard output as well; people read its report on standard error.
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exitCode = await new Promise<number>((resolve) =>
    child.on('close', (code) => resolve(code ?? 1)),
  );
  const counts = JSON.parse(readFileSync(outputFile, 'utf8')) as Counts;
  return { suite, exitCode, counts };
}

const chosen = suites.filter((suite) => process.argv.includes(`--${suite}`));
const args = process.argv.slice(2).filter((arg) => !suites.some((suite) => arg === `--${suite}`));
const running = chosen.length > 0 ? chosen : usual;
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-test-'));
// Its cold start takes minutes of building, so it begins first and goes on beside the quick suites.
const needsLab = running.some((suite) => usesLab.has(suite));
const lab = needsLab ? await startLabBeside() : undefined;
const times: string[] = [];
let passed = 0;
let failed = 0;
try {
  for (const suite of running) {
    console.log(`\n== ${suite} tests ==`);
    const started = performance.now();
    if (suite === 'contract') await ensureBundles(undefined, (line) => console.log(line));
    if (usesLab.has(suite) && (await lab?.up) === false)
      console.log(
        'The lab did not come up, so the tests that need it will fail; the lines marked "lab |" say why.',
      );
    const { exitCode, counts } = await runSuite(suite, args, scratch);
    // A skipped test proves nothing, so it counts as failed; so does a suite that could not run.
    const broken =
      counts.numFailedTests + counts.numPendingTests + counts.numRuntimeErrorTestSuites;
    passed += counts.numPassedTests;
    failed += exitCode !== 0 && broken === 0 ? 1 : broken;
    const seconds = Math.round((performance.now() - started) / 1000);
    times.push(`${suite}: ${counts.numPassedTests} passed, ${broken} failed in ${seconds} s`);
  }
} finally {
  await lab?.down();
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${times.join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
