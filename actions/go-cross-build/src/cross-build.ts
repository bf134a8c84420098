import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  companionFiles,
  moveWhole,
  readBuildInfo,
  removePartials,
  renderChecksums,
  sha256File,
  writeWhole,
  type PushedImage,
} from '@slipway/artifact';
import type { Exec } from '@slipway/exec';
import {
  runBuilds,
  type BuildSource,
  type BuildToolchain,
  type BuildUnit,
  type BuiltUnit,
  type Parallelism,
} from '@slipway/go';
import { formatSize, type Run } from '@slipway/runtime';
import { renderArtifacts, type Artifact } from './artifact-list.ts';
import { checkBuildInfo } from './build-check.ts';
import { makeImages } from './images.ts';
import type { Inputs } from './inputs.ts';
import { packUnit } from './packaging.ts';

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

/** What one run made. */
export interface CrossBuilt {
  built: readonly BuiltUnit[];
  artifacts: readonly Artifact[];
  artifactsFile: string;
  checksumsFile: string;
  images: ReadonlyMap<string, PushedImage>;
  parts: readonly { name: string; durationMs: number; note?: string }[];
}

/** Builds, packs, sums up and pushes, as planned. Files appear in the output folder only when whole. */
export async function crossBuild(
  run: Run,
  exec: Exec,
  inputs: Inputs,
  plan: Plan,
): Promise<CrossBuilt> {
  const { log, clock, signal } = run;
  const { outputDir, workingDirectory } = inputs;
  const { scratch } = plan;
  const stageDir = path.join(scratch, 'stage');
  const parts: { name: string; durationMs: number; note?: string }[] = [];
  const timed = async <T>(name: string, body: () => Promise<T>): Promise<T> => {
    const started = clock.now();
    const value = await body();
    parts.push({ name, durationMs: clock.now() - started });
    return value;
  };
  await fs.mkdir(stageDir, { recursive: true });
  try {
    const packing = {
      stageDir,
      outputDir,
      version: plan.version,
      epochSeconds: plan.source.epochSeconds,
      goVersion: plan.toolchain.version,
      archive: inputs.archive,
      sbom: inputs.sbom,
      companions: inputs.archive
        ? await companionFiles(
            plan.toolchain.goMod === undefined
              ? workingDirectory
              : path.dirname(plan.toolchain.goMod),
          )
        : [],
    };
    const artifacts: Artifact[] = [];
    const built = await timed('build and pack', () =>
      log.group(`Building ${plan.units.length} times with ${plan.toolchain.version}`, () =>
        runBuilds(
          { exec, log, clock },
          {
            dir: workingDirectory,
            units: plan.units,
            parallelism: plan.parallelism,
            scratch,
            env: plan.gitEnv,
            signal,
            onBuilt: async (done) => {
              const files = done.programs.map(({ file }) => file);
              const info = await readBuildInfo(exec, files, signal);
              checkBuildInfo(log, done, info, plan.source);
              artifacts.push(...(await packUnit(done, info, packing)));
            },
          },
        ),
      ),
    );
    signal.throwIfAborted();
    await removePartials(outputDir);
    await publish(stageDir, outputDir, artifacts);
    const checksumsFile = await writeChecksums(outputDir, artifacts, inputs.archive);
    artifacts.push({
      type: 'checksums',
      name: path.basename(checksumsFile),
      path: checksumsFile,
      sha256: await sha256File(checksumsFile),
    });
    const images =
      inputs.image === ''
        ? new Map<string, PushedImage>()
        : await timed('images', () =>
            makeImages(run, exec, {
              inputs,
              built,
              version: plan.version,
              source: plan.source,
              goRoot: plan.toolchain.root,
            }),
          );
    for (const [program, image] of images)
      artifacts.push({
        type: 'image',
        name: image.name,
        program,
        digest: image.digest,
        tags: image.tags,
        platforms: image.platforms,
        pulledBytes: image.pulledBytes,
      });
    const artifactsFile = path.join(outputDir, 'artifacts.json');
    await writeWhole(artifactsFile, renderArtifacts(artifacts));
    const bytes = artifacts.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
    log.info(`${artifacts.length} artifacts in ${outputDir}, ${formatSize(bytes)}`);
    return { built, artifacts, artifactsFile, checksumsFile, images, parts };
  } finally {
    await removePartials(outputDir);
  }
}

/** Moves what is complete into the output folder, when no build is left that it could make dirty. */
async function publish(
  stageDir: string,
  outputDir: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const { path: file } of artifacts)
    if (file !== undefined)
      await moveWhole(path.join(stageDir, path.relative(outputDir, file)), file);
}

/** Sums of what people download: archives, or the programs where none are made; and the SBOMs. */
async function writeChecksums(
  outputDir: string,
  artifacts: readonly Artifact[],
  archived: boolean,
): Promise<string> {
  const file = path.join(outputDir, 'checksums.txt');
  const summed = artifacts.filter(
    ({ type }) => type === (archived ? 'archive' : 'binary') || type === 'sbom',
  );
  const sums = summed.flatMap((each) =>
    each.path === undefined || each.sha256 === undefined
      ? []
      : [
          {
            name: path.relative(outputDir, each.path).split(path.sep).join('/'),
            sha256: each.sha256,
          },
        ],
  );
  await writeWhole(file, renderChecksums(sums));
  return file;
}
