import type { Exec } from '@slipway/exec';
import {
  findCCompiler,
  findMains,
  ignoringEnvironment,
  parseTargets,
  planParallelism,
  planTarget,
  readBuildSource,
  readBuildToolchain,
  readGoFlags,
  readMachine,
  readPorts,
  type BuildSource,
  type BuildToolchain,
  type BuildUnit,
  type Parallelism,
  type Target,
  type TargetMains,
} from '@slipway/go';
import type { Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** What is decided before anything is compiled. */
export interface Plan {
  toolchain: BuildToolchain;
  source: BuildSource;
  version: string;
  units: readonly BuildUnit[];
  /** Mains that build constraints keep out of a target. */
  excluded: readonly { target: string; importPaths: readonly string[] }[];
  parallelism: Parallelism;
  cores: number;
  /** A folder of this run under the runner's temp folder. */
  scratch: string;
  /** Keeps Git from taking the output folder for a change. */
  gitEnv: Readonly<Record<string, string>>;
}

/** The version when none is given: the tag of the run without its prefix, else the commit. */
export function defaultVersion(ref: string, commit: string | undefined): string {
  const tag = /^refs\/tags\/(?:.*\/)?([0-9A-Za-z][0-9A-Za-z._+-]{0,127})$/.exec(ref)?.[1];
  return tag ?? (commit === undefined ? '0.0.0-dev' : `0.0.0-dev.${commit.slice(0, 12)}`);
}

/** Asks Go and Git for all that decides the build. Compiles nothing; `scratch` is an empty folder. */
export async function makePlan(
  run: Run,
  exec: Exec,
  inputs: Inputs,
  scratch: string,
): Promise<Plan> {
  const { signal, env, log } = run;
  const dir = inputs.workingDirectory;
  const toolchain = await readBuildToolchain(exec, { dir, signal });
  const gitEnv = await ignoringEnvironment(exec, {
    dir,
    folder: inputs.outputDir,
    scratch,
    env,
    signal,
  });
  const [ports, source, machine] = await Promise.all([
    readPorts(exec, { cwd: dir, signal }),
    readBuildSource(exec, { dir, env, gitEnv, signal }),
    readMachine(),
  ]);
  const targets = parseTargets(inputs.targets, ports);
  const goFlags = readGoFlags(toolchain.goflags);
  const tags = [...new Set([...goFlags.tags, ...inputs.tags])];
  const list = (target: Target): Promise<TargetMains> =>
    findMains(exec, { dir, patterns: inputs.packages, target, cgo: inputs.cgo, tags, signal });
  // The first list fetches modules; several at once would fetch the same ones.
  const [first, ...others] = targets;
  const listed = first === undefined ? [] : [await list(first)];
  for (let at = 0; at < others.length; at += machine.cores)
    listed.push(...(await Promise.all(others.slice(at, at + machine.cores).map(list))));
  const settings = {
    version: inputs.version || defaultVersion(run.runner.ref, source.commit),
    source,
    cgo: inputs.cgo,
    ldflags: inputs.ldflags,
    tags: inputs.tags,
    goFlags,
  };
  const units = [];
  for (const each of listed) {
    const neededBy = each.mains.find((main) => inputs.cgo === 'true' || main.needsCgo);
    const compiler =
      neededBy === undefined || inputs.planOnly
        ? undefined
        : await findCCompiler({
            target: each.target,
            env,
            host: toolchain.host,
            neededBy: neededBy.importPath,
          });
    units.push(...planTarget(each, settings, compiler));
  }
  tellSource(run, source);
  const excluded = leftOut(listed);
  for (const { target, importPaths } of excluded)
    log.info(`${target}: build constraints leave out ${importPaths.join(', ')}`);
  return {
    toolchain,
    source,
    version: settings.version,
    units,
    excluded,
    parallelism: planParallelism(machine, units.length),
    cores: machine.cores,
    scratch,
    gitEnv,
  };
}

/** Mains that another target has, and packages that were named, by the target that leaves them out. */
function leftOut(listed: readonly TargetMains[]): Plan['excluded'] {
  const all = new Set(listed.flatMap(({ mains }) => mains.map(({ importPath }) => importPath)));
  return listed.flatMap(({ target, mains, excluded }) => {
    const missing = [...all].filter((each) => mains.every(({ importPath }) => importPath !== each));
    const importPaths = [...new Set([...missing, ...excluded])].sort();
    return importPaths.length === 0 ? [] : [{ target: target.text, importPaths }];
  });
}

function tellSource({ log }: Run, source: BuildSource): void {
  if (source.notStamped !== undefined)
    log.info(`Programs are not stamped with a commit: ${source.notStamped}.`);
  if (source.dirty)
    log.warning(
      'The checkout has changes that are not committed, so programs are stamped as modified and nobody can build them again from the commit.',
    );
}
