import { flagProblem } from '@slipway/go';
import { readInputs, type InputSource, type RunnerEnvironment } from '@slipway/runtime';

/** The inputs of go-test. */
export interface Inputs {
  workingDirectory: string;
  packages: readonly string[];
  race: boolean;
  vet: boolean;
  /** Undefined for Go's own, 0 for none. */
  timeoutMs: number | undefined;
  flags: readonly string[];
  /** Empty for none. */
  junit: string;
}

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, [runner.workspace, runner.tempDir], (read) => {
    const timeoutMs = read.duration('timeout');
    const flags = read.list('flags');
    const problem = flagProblem(flags);
    if (problem !== undefined) read.problem(`flags: ${problem}`);
    return {
      workingDirectory: read.path('working-directory', { default: '.' }),
      packages: read.list('packages', { default: ['./...'], operands: true }),
      race: read.boolean('race', { default: true }),
      vet: read.boolean('vet', { default: true }),
      timeoutMs: read.given('timeout') ? timeoutMs : undefined,
      flags,
      junit: read.path('junit'),
    };
  });
}
