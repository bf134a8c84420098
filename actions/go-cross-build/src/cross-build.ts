import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  companionFiles,
  readBuildInfo,
  removePartials,
  writeAtomically,
  type PushedImage,
} from '@slipway/artifact';
import { runBuilds, type BuiltUnit } from '@slipway/go';
import { count, formatSize, stopwatch, type Stopwatch, type TimedPart } from '@slipway/runtime';
import { renderArtifacts, type Artifact } from './artifact-list.ts';
import { checkBuildInfo } from './build-check.ts';
import { imageArtifacts, makeImages, type ImageRequest } from './images.ts';
import { publish, writeChecksums } from './output-folder.ts';
import { packUnit, type Packing } from './packaging.ts';
import type { Plan } from './plan.ts';
import type { CrossBuildPorts } from './ports.ts';

/** What is to be made of the builds, and where. */
export interface CrossBuildRequest {
  workingDirectory: string;
  outputDir: string;
  archive: boolean;
  sbom: boolean;
  /** Undefined makes no images. */
  images: ImageRequest | undefined;
}

/** What one run made; builds and files are in the order of the plan. */
export interface CrossBuilt {
  built: readonly BuiltUnit[];
  artifacts: readonly Artifact[];
  artifactsFile: string;
  checksumsFile: string;
  images: ReadonlyMap<string, PushedImage>;
  parts: readonly TimedPart[];
}

interface Packed {
  built: BuiltUnit;
  artifacts: readonly Artifact[];
}

async function packingOf(
  { log, runner }: CrossBuildPorts,
  plan: Plan,
  request: CrossBuildRequest,
  stageDir: string,
): Promise<Packing> {
  const { goMod, version: goVersion } = plan.toolchain;
  const module = goMod === undefined ? request.workingDirectory : path.dirname(goMod);
  const { entries, licensed } = request.archive
    ? await companionFiles(module, runner.workspace)
    : { entries: [], licensed: true };
  // A warning would stand above every run of those whose code is nobody else's.
  if (!licensed)
    log.info(
      `Archives hold no licence: neither ${module} nor a folder above it in the workspace has a LICENSE, COPYING or NOTICE.`,
    );
  return {
    stageDir,
    outputDir: request.outputDir,
    version: plan.version,
    epochSeconds: plan.source.epochSeconds,
    goVersion,
    archive: request.archive,
    sbom: request.sbom,
    companions: entries,
  };
}

/** Builds every unit; each is checked and packed while others still build. */
function buildAndPack(
  { clock, exec, log, signal }: CrossBuildPorts,
  options: { plan: Plan; dir: string; packing: Packing },
): Promise<Packed[]> {
  const { plan, dir, packing } = options;
  const { units, parallelism, scratch, gitEnv, source } = plan;
  const onBuilt = async (built: BuiltUnit): Promise<Packed> => {
    const files = built.programs.map(({ file }) => file);
    const info = await readBuildInfo(exec, files, signal);
    checkBuildInfo(log, built, info, source);
    return { built, artifacts: await packUnit(built, info, packing) };
  };
  return log.group(
    `Building ${count(units.length, 'time')} with ${plan.toolchain.version}`,
    async () =>
      runBuilds(
        { exec, log, clock },
        { dir, units, parallelism, scratch, env: gitEnv, signal, onBuilt },
      ),
  );
}

async function pushImagesOf(
  ports: CrossBuildPorts,
  request: ImageRequest | undefined,
  { built, plan, watch }: { built: readonly BuiltUnit[]; plan: Plan; watch: Stopwatch },
): Promise<ReadonlyMap<string, PushedImage>> {
  if (request === undefined) return new Map();
  const { version, source, toolchain } = plan;
  return watch.time('images', () =>
    makeImages(ports, request, { built, version, source, goRoot: toolchain.root }),
  );
}

/** Builds, packs, sums up and pushes, as planned. Files appear in the output folder only when whole. */
export async function crossBuild(
  ports: CrossBuildPorts,
  plan: Plan,
  request: CrossBuildRequest,
): Promise<CrossBuilt> {
  const { workingDirectory: dir, outputDir } = request;
  const watch = stopwatch(ports.clock);
  const stageDir = path.join(plan.scratch, 'stage');
  await fs.mkdir(stageDir, { recursive: true });
  try {
    const packing = await packingOf(ports, plan, request, stageDir);
    const packed = await watch.time('build and pack', () =>
      buildAndPack(ports, { plan, dir, packing }),
    );
    const built = packed.map((each) => each.built);
    const files = packed.flatMap(({ artifacts }) => artifacts);
    await removePartials(outputDir);
    await publish(stageDir, outputDir, files);
    const checksums = await writeChecksums(outputDir, files, request.archive);
    const pushed = await pushImagesOf(ports, request.images, { built, plan, watch });
    const artifacts = [...files, checksums, ...imageArtifacts(pushed)];
    const artifactsFile = path.join(outputDir, 'artifacts.json');
    await writeAtomically(artifactsFile, renderArtifacts(artifacts));
    const bytes = artifacts.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
    ports.log.info(`${count(artifacts.length, 'artifact')} in ${outputDir}, ${formatSize(bytes)}`);
    return {
      built,
      artifacts,
      artifactsFile,
      checksumsFile: checksums.path,
      images: pushed,
      parts: watch.parts,
    };
  } finally {
    await removePartials(outputDir);
  }
}
