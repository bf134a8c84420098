import * as fs from 'node:fs/promises';
import path from 'node:path';
import * as tls from 'node:tls';
import {
  buildImage,
  formatImageName,
  formatPlatform,
  imageTag,
  needsLoader,
  pushImages,
  type Image,
  type ImageContent,
  type PinnedImage,
  type PushedImage,
  type StartSettings,
} from '@slipway/artifact';
import type { BuildSource, BuiltUnit, PackageSize } from '@slipway/go';
import { ActionError, count } from '@slipway/runtime';
import type { Artifact } from '../output/artifact.ts';
import { imageAnnotations } from './image-annotations.ts';
import { checkBudget, type ImageBudget } from './image-budget.ts';
import type { ImageFile } from './image-file.ts';
import { isImageTarget } from './image-repositories.ts';
import type { CrossBuildPorts } from '../ports.ts';
import type { OpenRepository } from './push-access.ts';
import type { SettledImages } from './settled-images.ts';

/** Which images are wanted, and who pushes them. */
export interface ImageRequest {
  /** The repository, or the one above those of several programs; `{name}` stands for the program. */
  image: string;
  /** Empty: the version. */
  tags: readonly string[];
  labels: Readonly<Record<string, string>>;
  caCertificates: boolean;
  tzdata: boolean;
  /** Undefined: from scratch. */
  base: PinnedImage | undefined;
  files: readonly ImageFile[];
  start: StartSettings;
  budget: ImageBudget;
  username: string;
  password: string;
}

/** What the images are made from, and where layers may lie meanwhile. */
export interface ImageSource {
  built: readonly BuiltUnit[];
  version: string;
  source: BuildSource;
  goRoot: string;
  scratch: string;
  settled: SettledImages;
  /** The largest packages of a program. */
  measure: (unit: BuiltUnit['unit'], program: string) => Promise<readonly PackageSize[]>;
}

/** A build for a platform that an image can have. */
interface ImageBuild {
  unit: BuiltUnit['unit'];
  file: string;
  bytes: number;
}

/** What every image gets beside its program. */
type Trust = Pick<ImageContent, 'caCertificates' | 'zoneinfo'>;

function buildsOf(built: readonly BuiltUnit[], program: string): ImageBuild[] {
  return built
    .filter(({ unit }) => isImageTarget(unit))
    .flatMap(({ unit, programs }) =>
      programs
        .filter(({ name }) => name === program)
        .map(({ file, bytes }) => ({ unit, file, bytes })),
    );
}

async function trustOf(request: ImageRequest, goRoot: string): Promise<Trust> {
  const trust: Trust = {};
  if (request.caCertificates)
    trust.caCertificates = `${[...tls.rootCertificates].sort().join('\n')}\n`;
  if (request.tzdata)
    trust.zoneinfo = await fs.readFile(path.join(goRoot, 'lib', 'time', 'zoneinfo.zip'));
  return trust;
}

function dynamicallyLinked(program: string, unit: string): ActionError {
  return new ActionError(
    `${program} for ${unit} is linked dynamically; an image from scratch has no loader, so it could not start there.`,
    { next: 'Take -linkmode and -extldflags out of ldflags, or set cgo to false.' },
  );
}

/** One image for each platform of a program, in the order of the plan; layers lie in `folder`. */
async function imagesOf(
  name: string,
  builds: readonly ImageBuild[],
  options: {
    trust: Trust;
    start: StartSettings;
    settled: SettledImages;
    labels: Readonly<Record<string, string>>;
    epochSeconds: number;
    folder: string;
  },
): Promise<Image[]> {
  const { base, files } = options.settled;
  const images: Image[] = [];
  for (const { unit, file, bytes } of builds) {
    if (base === undefined && (await needsLoader(file))) throw dynamicallyLinked(name, unit.name);
    const below = base?.images.get(formatPlatform(unit.target.platform));
    const content: ImageContent = {
      program: { name, content: { file, bytes } },
      platform: unit.target.platform,
      labels: options.labels,
      epochSeconds: options.epochSeconds,
      files,
      ...startOf(name, options.start),
      ...options.trust,
      ...(below === undefined ? {} : { base: below }),
    };
    images.push(await buildImage(content, path.join(options.folder, unit.target.slug)));
  }
  return images;
}

/** `{program}` stands for where the program is, as behind an init of the base. */
function startOf(program: string, start: StartSettings): StartSettings {
  const { entrypoint = [] } = start;
  return {
    ...start,
    entrypoint: entrypoint.map((word) => word.replaceAll('{program}', `/app/${program}`)),
  };
}

/** The images of one program, and where they go. */
interface MadeImages extends OpenRepository {
  images: readonly Image[];
  annotations: Readonly<Record<string, string>>;
}

async function makeImages(
  { runner }: CrossBuildPorts,
  request: ImageRequest,
  from: ImageSource,
): Promise<MadeImages[]> {
  const { version, source, settled } = from;
  const trust = await trustOf(request, from.goRoot);
  const made: MadeImages[] = [];
  for (const repository of settled.repositories) {
    const { program } = repository;
    const annotations = {
      ...imageAnnotations(runner, { program, version, source }),
      ...request.labels,
    };
    const images = await imagesOf(program, buildsOf(from.built, program), {
      trust,
      start: request.start,
      settled,
      labels: annotations,
      epochSeconds: source.epochSeconds,
      folder: await fs.mkdtemp(path.join(from.scratch, 'layers-')),
    });
    made.push({ ...repository, images, annotations });
  }
  return made;
}

/**
 * Makes the images of all programs, holds them to their budget and pushes them. `onPushed` is given each
 * when it is there: what is pushed stays, also when a later one fails.
 */
export async function publishImages(
  ports: CrossBuildPorts,
  request: ImageRequest,
  from: ImageSource & { onPushed: (program: string, image: PushedImage) => Promise<void> },
): Promise<void> {
  const { log } = ports;
  const { version, settled } = from;
  const own = imageTag(version);
  const tags =
    request.tags.length > 0 ? request.tags.map((tag) => tag.replaceAll('{version}', own)) : [own];
  const made = await makeImages(ports, request, from);
  const measure = async (program: string): Promise<readonly PackageSize[]> => {
    const [first] = buildsOf(from.built, program);
    return first === undefined ? [] : from.measure(first.unit, program);
  };
  await checkBudget(log, made, request.budget, measure);
  for (const { program, name, client, images, annotations } of made) {
    log.info(`pushing ${formatImageName(name)} (${count(images.length, 'platform')})`);
    const base = settled.base === undefined ? {} : { base: settled.base.source };
    const what = { name, images, tags, annotations, ...base };
    const pushed = await pushImages({ client, log }, what);
    for (const { layer } of images) await fs.rm(layer.file, { force: true });
    await from.onPushed(program, pushed);
  }
}

/** Pushed images as the list of artifacts names them. */
export function imageArtifacts(images: ReadonlyMap<string, PushedImage>): Artifact[] {
  return [...images].map(([program, { name, digest, tags, platforms, pulledBytes }]) => ({
    type: 'image',
    name,
    program,
    digest,
    tags,
    platforms,
    pulledBytes,
  }));
}
