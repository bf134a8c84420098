import { ExecError, type Exec } from '@slipway/exec';
import { goDuration, type Log } from '@slipway/runtime';
import { BuildFailure } from '../build/index.ts';
import type { TestFlags } from './test-flags.ts';
import { testRecorder } from './test-recorder.ts';
import type { TestReport } from './test-report.ts';

/** What running tests needs from outside. */
export interface TestPorts {
  exec: Exec;
  log: Log;
}

/** The tests of one module. */
export interface TestQuestion {
  /** Folder of the module. */
  dir: string;
  /** Package patterns; none may begin with "-". */
  patterns: readonly string[];
  flags: TestFlags;
  race: boolean;
  /** For the tests of one package; Go's own when undefined, none when 0. */
  timeoutMs: number | undefined;
  signal: AbortSignal;
}

/** How `go test` ended. */
export interface TestRun {
  report: TestReport;
  exitCode: number;
}

/** The race detector needs cgo, and go vet must look at the same files. */
const environment = (race: boolean): { addEnv?: Record<string, string> } =>
  race ? { addEnv: { CGO_ENABLED: '1' } } : {};

/**
 * Runs `go vet`. Throws BuildFailure with what it found. Patterns follow the flags, for `go vet` takes
 * no `--`.
 */
export async function goVet({ exec, log }: TestPorts, question: TestQuestion): Promise<void> {
  const { dir, patterns, flags, race, signal } = question;
  const lines: string[] = [];
  try {
    await exec('go', ['vet', ...flags.vet, ...patterns], {
      cwd: dir,
      ...environment(race),
      signal,
      onStderr: (line) => {
        log.info(line);
        if (lines.length < 2_000) lines.push(line);
      },
    });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new BuildFailure('go vet found faults', lines.join('\n') || error.message, dir);
  }
}

/**
 * Runs `go test -json`, and logs what `go test` prints for people. A failed test is an exit code, not an
 * error; throws what keeps `go` from being run at all.
 */
export async function goTest({ exec, log }: TestPorts, question: TestQuestion): Promise<TestRun> {
  const { dir, patterns, flags, race, timeoutMs, signal } = question;
  const recorder = testRecorder((line) => log.info(line));
  const args = [
    'test',
    '-json',
    ...(race ? ['-race'] : []),
    ...(timeoutMs === undefined ? [] : [`-timeout=${goDuration(timeoutMs)}`]),
    ...flags.test,
    ...patterns,
    ...flags.args,
  ];
  const options = {
    cwd: dir,
    ...environment(race),
    signal,
    keepStdout: false,
    onStdout: recorder.line,
    onStderr: recorder.stray,
  };
  const exitCode = await exec('go', args, options).then(
    (result) => result.exitCode,
    (error: unknown) => {
      if (error instanceof ExecError && error.exitCode !== undefined) return error.exitCode;
      throw error;
    },
  );
  return { report: recorder.report(), exitCode };
}
