import type { Exec } from '@slipway/exec';
import {
  chooseStamps,
  expandTargets,
  findCCompiler,
  findMains,
  ignoringEnvironment,
  missingCCompiler,
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
  type CCompiler,
  type CgoMode,
  type GoPort,
  type Parallelism,
  type Target,
  type TargetMains,
} from '@slipway/go';
import type { Log, Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';
import { cgoToLink } from './linking.ts';
import { tellNames, tellSource, tellStamps } from './plan-notes.ts';
import { tellReplacements } from './replaced-modules.ts';

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

/**
 * The version when none is given: the tag of the run without its prefix (`api/v1.2.0`, `api-v1.2.0`,
 * `api@1.2.0`), else the commit.
 */
export function defaultVersion(ref: string, commit: string | undefined): string {
  const tag = /^refs\/tags\/(?:.*\/)?([^/]+)$/.exec(ref)?.[1] ?? '';
  const behind = /^(?!v?\d).+?[-@](v?\d+\.\d+\.\d+(?:[-+].*)?)$/.exec(tag)?.[1] ?? tag;
  if (/^[0-9A-Za-z][0-9A-Za-z._+-]{0,127}$/.test(behind)) return behind;
  return commit === undefined ? '0.0.0-dev' : `0.0.0-dev.${commit.slice(0, 12)}`;
}

/** The input goes first, then what the environment or a go.env says, as for the go command itself. */
function cgoMode(input: Inputs['cgo'], cgoEnabled: boolean | undefined): CgoMode {
  if (input !== 'auto' || cgoEnabled === undefined) return input;
  return cgoEnabled ? 'present' : 'false';
}

/**
 * The compiler that the mains of one target need, if any. Where none is found and nobody asked for cgo,
 * they are built without, as the go command does when it crosses, as long as they load without.
 */
async function compilerFor(
  { env, log }: Run,
  each: TargetMains,
  { cgo, host }: { cgo: CgoMode; host: BuildToolchain['host'] },
): Promise<{ mains: TargetMains; compiler: CCompiler | undefined }> {
  const { target, mains } = each;
  const needing = mains.filter(({ cgoFor }) => cgo === 'true' || cgoFor !== undefined);
  const [first] = needing;
  if (first === undefined) return { mains: each, compiler: undefined };
  const compiler = await findCCompiler({ target, env, host });
  if (compiler !== undefined) {
    for (const { name, cgoFor } of needing)
      if (cgoFor !== undefined && cgo === 'auto')
        log.info(`${target.text}: ${name} is built with cgo, for ${cgoFor} has no other way.`);
    return { mains: each, compiler };
  }
  const stuck = needing.find(({ withoutCgo }) => withoutCgo === undefined);
  if (stuck !== undefined || cgo !== 'auto')
    throw missingCCompiler(target, (stuck ?? first).importPath);
  const { next = '' } = missingCCompiler(target, first.importPath);
  log.warning(
    `${target.text}: the C code of ${first.cgoFor ?? ''} is left out, for no C compiler for this target was found. ${first.name} may not build or not work without. ${next}`,
  );
  return {
    mains: { ...each, mains: mains.map((main) => main.withoutCgo ?? main) },
    compiler: undefined,
  };
}

/** The targets that the input means; says which of a group are passed over. */
function chosenTargets(log: Log, inputs: Inputs, ports: readonly GoPort[]): readonly Target[] {
  const { targets, passedOver } = expandTargets(inputs.targets, ports);
  if (passedOver.length > 0)
    log.info(`Not built, for Go alone cannot link for them: ${passedOver.join(', ')}`);
  return targets;
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
  const toolchain = await readBuildToolchain(exec, { dir, env, signal });
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
  tellSource(run, source, inputs.dirty);
  await tellReplacements(run, exec, toolchain, inputs);
  const targets = chosenTargets(log, inputs, ports);
  const goFlags = readGoFlags(toolchain.goflags);
  const tags = [...new Set([...goFlags.tags, ...inputs.tags])];
  const usualCgo = cgoMode(inputs.cgo, toolchain.cgoEnabled);
  const linkers = { env, host: toolchain.host, planOnly: inputs.planOnly };
  const cgoFor = new Map<Target, CgoMode>();
  for (const target of targets)
    cgoFor.set(target, await cgoToLink(target, { ...linkers, cgo: usualCgo }));
  const cgoOf = (target: Target): CgoMode => cgoFor.get(target) ?? usualCgo;
  const list = (target: Target): Promise<TargetMains> =>
    findMains(exec, {
      dir,
      patterns: inputs.packages,
      target,
      cgo: cgoOf(target),
      tags,
      names: inputs.program,
      signal,
    });
  // The first list fetches modules; several at once would fetch the same ones.
  const [first, ...others] = targets;
  const listed = first === undefined ? [] : [await list(first)];
  for (let at = 0; at < others.length; at += machine.cores)
    listed.push(...(await Promise.all(others.slice(at, at + machine.cores).map(list))));
  const version = inputs.version || defaultVersion(run.runner.ref, source.commit);
  const settings = {
    source,
    stamps: chooseStamps(inputs.stamps, { version, source }),
    ldflags: inputs.ldflags,
    tags: inputs.tags,
    goFlags,
  };
  const units = [];
  for (const each of listed) {
    const cgo = cgoOf(each.target);
    const { mains, compiler } = inputs.planOnly
      ? { mains: each, compiler: undefined }
      : await compilerFor(run, each, { cgo, host: toolchain.host });
    units.push(...(await planTarget(mains, { ...settings, cgo }, compiler)));
  }
  tellNames(run, listed, inputs);
  await tellStamps(run, listed, settings.stamps);
  const excluded = leftOut(listed);
  for (const { target, importPaths } of excluded)
    log.info(`${target}: build constraints leave out ${importPaths.join(', ')}`);
  return {
    toolchain,
    source,
    version,
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
