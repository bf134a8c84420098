import {
  findRaceDetector,
  partFlags,
  readBuildToolchain,
  readGoFlags,
  type RaceDetector,
  type TestPorts,
  type TestQuestion,
} from '@slipway/go';
import type { Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** What is decided before anything is compiled. */
interface Preparation {
  question: TestQuestion;
  /** Why the race detector does not look on; undefined when it does. */
  raceless: string | undefined;
}

/** Asks Go what it is and whether it has a race detector here; warns when one was asked for and there is none. */
export async function prepare(
  run: Run,
  { exec, log }: TestPorts,
  inputs: Inputs,
): Promise<Preparation> {
  const { env, signal } = run;
  const dir = inputs.workingDirectory;
  const toolchain = await readBuildToolchain(exec, { dir, env, signal });
  log.info(`${toolchain.version}, ${toolchain.goMod ?? 'no go.mod'}`);
  const detector = inputs.race ? await findRaceDetector(exec, { dir, env, signal }) : undefined;
  const raceless = whyWithout(detector);
  if (detector?.usable === false)
    log.warning(`The tests run without the race detector: ${detector.why}.`);
  return {
    question: {
      dir,
      patterns: inputs.packages,
      flags: partFlags([...tagsFlag(inputs, toolchain.goflags), ...inputs.flags]),
      race: raceless === undefined,
      timeoutMs: inputs.timeoutMs,
      signal,
    },
    raceless,
  };
}

/** A -tags of the command line takes the place of the one in GOFLAGS, so that it has both. */
function tagsFlag({ tags }: Inputs, goflags: string): readonly string[] {
  if (tags.length === 0) return [];
  return [`-tags=${[...new Set([...readGoFlags(goflags).tags, ...tags])].join(',')}`];
}

function whyWithout(detector: RaceDetector | undefined): string | undefined {
  if (detector === undefined) return 'race is false';
  return detector.usable ? undefined : detector.why;
}
