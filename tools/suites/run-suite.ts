import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { root } from '../manifest.ts';
import type { JestReport } from './jest-report.ts';
import type { SuiteName } from './suites.ts';

/**
 * How many files of a suite run at once: as many as there are cores, but one at a time where each keeps
 * every core busy by itself, and more where each mostly waits for a cluster.
 */
const workers: Readonly<Record<SuiteName, number>> = {
  unit: availableParallelism(),
  contract: availableParallelism(),
  workflows: 1,
  parts: 1,
  lab: 1,
  rollout: 3,
  full: 1,
};

/** One run of one suite. */
export interface SuiteRun {
  suite: SuiteName;
  /** Test files from the root; without them the whole suite. */
  files?: readonly string[];
  /** Passed on to jest. */
  args: readonly string[];
  /** A folder for jest's report. */
  scratch: string;
}

/** How a suite ended; `report` is undefined when jest could not even begin. */
export interface SuiteResult {
  exitCode: number;
  report: JestReport | undefined;
}

/** Runs jest on one suite. Its own words go to standard error. */
export async function runSuite({ suite, files, args, scratch }: SuiteRun): Promise<SuiteResult> {
  const outputFile = path.join(scratch, `${suite}.json`);
  const reporter = path.join(root, 'tools', 'suites', 'brief-reporter.ts');
  const child = spawn(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--selectProjects', suite, '--passWithNoTests', '--json', `--outputFile=${outputFile}`],
      ...(args.includes('--verbose') ? [] : [`--reporters=${reporter}`]),
      `--maxWorkers=${workers[suite]}`,
      ...args,
      ...(files === undefined ? [] : ['--runTestsByPath', ...files]),
    ],
    // jest prints its JSON on standard output as well; people read its report on standard error.
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exitCode = await new Promise<number>((resolve) =>
    child.on('close', (code) => resolve(code ?? 1)),
  );
  const report = existsSync(outputFile)
    ? (JSON.parse(readFileSync(outputFile, 'utf8')) as JestReport)
    : undefined;
  return { exitCode, report };
}
