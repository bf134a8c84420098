import { flagProblem } from '@slipway/go';
import {
  quoted,
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
} from '@slipway/runtime';

/** The inputs of go-test. */
export interface Inputs {
  workingDirectory: string;
  packages: readonly string[];
  race: boolean;
  vet: boolean;
  /** Undefined for Go's own, 0 for none. */
  timeoutMs: number | undefined;
  /** Build tags besides those of GOFLAGS. */
  tags: readonly string[];
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
    const tags = readTags(read, flags);
    return {
      workingDirectory: read.path('working-directory', { default: '.' }),
      packages: read.list('packages', { default: ['./...'], operands: true }),
      race: read.boolean('race', { default: true }),
      vet: read.boolean('vet', { default: true }),
      timeoutMs: read.given('timeout') ? timeoutMs : undefined,
      tags,
      flags,
      junit: read.path('junit'),
    };
  });
}

function readTags(read: InputReader, flags: readonly string[]): readonly string[] {
  const tags = read.list('tags');
  for (const tag of tags)
    if (!/^[\p{L}\p{N}_.]{1,100}$/u.test(tag))
      read.problem(`tags: ${quoted(tag)} is not a build tag (letters, digits, "_" and ".").`);
  const behindArgs = flags.indexOf('-args');
  const ofGo = behindArgs < 0 ? flags : flags.slice(0, behindArgs);
  // Of two -tags Go takes the last, and the tags of the others would be left out without a word.
  if (tags.length > 0 && ofGo.some((flag) => /^--?tags(?:=|$)/.test(flag)))
    read.problem('tags: flags has -tags too. Name all build tags in one of them.');
  return tags;
}
