import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  companionFiles,
  givenFiles,
  readBuildInfo,
  removePartials,
  type PushedImage,
} from '@slipway/artifact';
import { packageSizes, runBuilds, type BuiltUnit } from '@slipway/go';
import { createHttpClient } from '@slipway/http';
import {
  count,
  errorMessage,
  formatSize,
  stopwatch,
  type Stopwatch,
  type TimedPart,
} from '@slipway/runtime';
import type { Artifact } from './output/artifact.ts';
import { checkBuildInfo } from './build-check.ts';
import {
  imageArtifacts,
  publishImages,
  type ImageRequest,
  type ImageSource,
} from './image/images.ts';
import {
  asDiskFull,
  listAgain,
  publish,
  removeFiles,
  type OutputPlace,
  type Published,
} from './output/output-folder.ts';
import type { SettledImages } from './image/settled-images.ts';
import { checkEntries } from './output/file-names.ts';
import { packProgram, programsOf, type Packing, type Program } from './output/packaging.ts';
import { metadataRecord, rebuildRecord, type RunRecord } from './output/records.ts';
import { makeUniversal, plannedPrograms, programKey, type Universal } from './output/universal.ts';
import type { Plan } from './plan.ts';
import type { CrossBuildPorts } from './ports.ts';
import type { CrossBuildRequest } from './request.ts';
import { settle } from './settle.ts';

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
  programs: readonly Program[];
  artifacts: readonly Artifact[];
}

async function packingOf(
  { log, runner }: CrossBuildPorts,
  plan: Plan,
  request: CrossBuildRequest,
  stageDir: string,
): Promise<Packing> {
  const { goMod, version: goVersion } = plan.toolchain;
  const { archive, archiveFiles, archiveFormat, archiveName } = request.archives;
  const module = goMod === undefined ? request.workingDirectory : path.dirname(goMod);
  const { entries, licensed } = archive
    ? await companionFiles(module, runner.workspace)
    : { entries: [], licensed: true };
  const search = { folder: request.workingDirectory, root: runner.workspace };
  const given = archive ? await givenFiles(archiveFiles, search, 'archive-files') : [];
  checkEntries(given, plannedPrograms(plan.units, request.archives.universal));
  const isGiven = (place: string): boolean => given.some((each) => each.path === place);
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
    archive,
    nameTemplate: archiveName,
    formats: archiveFormat,
    sbom: request.sbom,
    companions: [...entries.filter((each) => !isGiven(each.path)), ...given],
  };
}

/** Builds every unit; each is checked and packed while others still build. */
function buildAndPack(
  { clock, exec, log, signal }: CrossBuildPorts,
  options: { plan: Plan; dir: string; packing: Packing; universal: Universal },
): Promise<Packed[]> {
  const { plan, dir, packing, universal } = options;
  const { units, parallelism, scratch, gitEnv, source } = plan;
  const left = new Set(plannedPrograms(units, universal).map(programKey));
  const onBuilt = async (built: BuiltUnit): Promise<Packed> => {
    const files = built.programs.map(({ file }) => file);
    const info = await readBuildInfo(exec, files, signal);
    checkBuildInfo(log, built, info, source);
    const programs = await programsOf(built, info);
    const artifacts: Artifact[] = [];
    for (const program of programs)
      if (left.has(programKey(program))) artifacts.push(...(await packProgram(program, packing)));
    return { built, programs, artifacts };
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

/** Packs the universal programs of those that were built. */
async function packUniversal(
  packed: readonly Packed[],
  { packing, scratch }: { packing: Packing; scratch: string },
): Promise<Artifact[]> {
  const programs = packed.flatMap((each) => each.programs);
  const made = await makeUniversal(programs, path.join(scratch, 'universal'));
  const artifacts: Artifact[] = [];
  for (const program of made) artifacts.push(...(await packProgram(program, packing)));
  return artifacts;
}

async function pushAll(
  ports: CrossBuildPorts,
  request: ImageRequest | undefined,
  from: {
    built: readonly BuiltUnit[];
    plan: Plan;
    settled: SettledImages | undefined;
    workingDirectory: string;
    onPushed: (images: ReadonlyMap<string, PushedImage>) => Promise<void>;
  },
): Promise<ReadonlyMap<string, PushedImage>> {
  const pushed = new Map<string, PushedImage>();
  const { built, settled, workingDirectory: dir } = from;
  if (request === undefined || settled === undefined) return pushed;
  const { version, source, toolchain, scratch, gitEnv: env } = from.plan;
  const { exec, log, signal } = ports;
  const measure: ImageSource['measure'] = async (unit, program) => {
    const main = unit.mains.find(({ name }) => name === program);
    if (main === undefined) return [];
    const options = { dir, unit, main, scratch, env, signal };
    return packageSizes(exec, options).catch((error: unknown) => {
      signal.throwIfAborted();
      log.debug(`The packages of ${program} could not be measured: ${errorMessage(error)}`);
      return [];
    });
  };
  const onPushed = (program: string, image: PushedImage): Promise<void> => {
    pushed.set(program, image);
    return from.onPushed(pushed);
  };
  const sources = { built, version, source, goRoot: toolchain.root, scratch, settled, measure };
  await publishImages(ports, request, { ...sources, onPushed });
  return pushed;
}

function recordsOf(
  { runner }: CrossBuildPorts,
  plan: Plan,
  { workingDirectory }: CrossBuildRequest,
  files: readonly Artifact[],
): RunRecord[] {
  const folder = path.relative(runner.workspace, workingDirectory).split(path.sep).join('/');
  const project = runner.repository.split('/').at(-1) ?? '';
  return [
    metadataRecord(plan, project === '' ? path.basename(workingDirectory) : project),
    rebuildRecord(plan, files, { workingDirectory: folder }),
  ];
}

/** Builds and packs; files appear in the output folder all together. */
async function buildFiles(
  ports: CrossBuildPorts,
  plan: Plan,
  options: {
    request: CrossBuildRequest;
    place: OutputPlace;
    watch: Stopwatch;
    others: readonly string[];
  },
): Promise<{ built: readonly BuiltUnit[]; published: Published }> {
  const { request, place, watch, others } = options;
  const packing = await packingOf(ports, plan, request, place.stageDir);
  const { universal } = request.archives;
  const packed = await watch.time('build and pack', () =>
    buildAndPack(ports, { plan, dir: request.workingDirectory, packing, universal }),
  );
  const files = packed.flatMap(({ artifacts }) => artifacts);
  if (universal !== 'false')
    files.push(...(await packUniversal(packed, { packing, scratch: plan.scratch })));
  await removePartials(place.outputDir);
  const published = await publish(place, files, recordsOf(ports, plan, request, files));
  await removeFiles(others);
  request.onFiles?.(published);
  return { built: packed.map((each) => each.built), published };
}

/**
 * Builds, packs, sums up and pushes, as planned. Files appear in the output folder only when all are
 * whole; they stay when a push fails, and the list names the images that were pushed by then.
 */
export async function crossBuild(
  ports: CrossBuildPorts,
  plan: Plan,
  request: CrossBuildRequest,
): Promise<CrossBuilt> {
  const { outputDir, workingDirectory } = request;
  const { version } = plan;
  const watch = stopwatch(ports.clock);
  const stageDir = path.join(plan.scratch, 'stage');
  const place = { stageDir, outputDir, workspace: ports.runner.workspace, version };
  const http = createHttpClient({ env: ports.env });
  try {
    await fs.mkdir(stageDir, { recursive: true });
    const { others, images: settled } = await settle({ ...ports, http }, plan, request, place);
    const { built, published } = await buildFiles(ports, plan, { request, place, watch, others });
    const { artifacts: files, artifactsFile, checksumsFile } = published;
    const onPushed = (pushed: ReadonlyMap<string, PushedImage>): Promise<void> =>
      listAgain(place, [...files, ...imageArtifacts(pushed)]);
    const push = (): Promise<ReadonlyMap<string, PushedImage>> =>
      pushAll(ports, request.images, { built, plan, settled, workingDirectory, onPushed });
    const images = request.images === undefined ? await push() : await watch.time('images', push);
    const artifacts = [...files, ...imageArtifacts(images)];
    const bytes = artifacts.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
    ports.log.info(`${count(artifacts.length, 'artifact')} in ${outputDir}, ${formatSize(bytes)}`);
    return { built, artifacts, artifactsFile, checksumsFile, images, parts: watch.parts };
  } catch (error) {
    throw asDiskFull(error);
  } finally {
    await http.close();
    await removePartials(outputDir);
  }
}
