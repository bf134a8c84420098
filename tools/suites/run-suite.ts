import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../manifest.ts';
import type { JestReport } from './jest-report.ts';
import type { SuiteName } from './suites.ts';

/**
 * Those that keep every core busy, or the lab to themselves, run one file at a time; what mostly waits
 * runs side by side.
 */
const workers: Partial<Record<SuiteName, readonly string[]>> = {
  workflows: ['--runInBand'],
  lab: ['--runInBand'],
  rollout: ['--maxWorkers=3'],
  full: ['--runInBand'],
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
      ...(workers[suite] ?? []),
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
