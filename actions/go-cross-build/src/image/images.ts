import * as fs from 'node:fs/promises';
import path from 'node:path';
import * as tls from 'node:tls';
import {
  buildImage,
  formatImageName,
  imageTag,
  needsLoader,
  pushImages,
  type Image,
  type ImageContent,
  type PushedImage,
} from '@slipway/artifact';
import type { BuildSource, BuiltUnit } from '@slipway/go';
import { ActionError, count } from '@slipway/runtime';
import type { Artifact } from '../output/artifact-list.ts';
import { imageAnnotations } from './image-annotations.ts';
import { isImageTarget } from './image-repositories.ts';
import type { CrossBuildPorts } from '../ports.ts';
import type { OpenRepository } from './push-access.ts';

/** Which images are wanted, and who pushes them. */
export interface ImageRequest {
  /** The repository, or the one above those of several programs; `{name}` stands for the program. */
  image: string;
  /** Empty: the version. */
  tags: readonly string[];
  labels: Readonly<Record<string, string>>;
  caCertificates: boolean;
  tzdata: boolean;
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
    labels: Readonly<Record<string, string>>;
    epochSeconds: number;
    folder: string;
  },
): Promise<Image[]> {
  const images: Image[] = [];
  for (const { unit, file, bytes } of builds) {
    if (await needsLoader(file)) throw dynamicallyLinked(name, unit.name);
    const content: ImageContent = {
      program: { name, content: { file, bytes } },
      platform: unit.target.platform,
      labels: options.labels,
      epochSeconds: options.epochSeconds,
      ...options.trust,
    };
    images.push(await buildImage(content, path.join(options.folder, unit.target.slug)));
  }
  return images;
}

/**
 * Makes an image of every program and pushes it. `onPushed` is given each when it is there: what is
 * pushed stays, also when a later one fails.
 */
export async function makeImages(
  { log, runner }: CrossBuildPorts,
  request: ImageRequest,
  from: ImageSource & {
    repositories: readonly OpenRepository[];
    onPushed: (program: string, image: PushedImage) => Promise<void>;
  },
): Promise<void> {
  const { version, source, repositories } = from;
  const trust = await trustOf(request, from.goRoot);
  const own = imageTag(version);
  const tags =
    request.tags.length > 0 ? request.tags.map((tag) => tag.replaceAll('{version}', own)) : [own];
  for (const { program, name, client } of repositories) {
    const annotations = {
      ...imageAnnotations(runner, { program, version, source }),
      ...request.labels,
    };
    const folder = await fs.mkdtemp(path.join(from.scratch, 'layers-'));
    const images = await imagesOf(program, buildsOf(from.built, program), {
      trust,
      labels: annotations,
      epochSeconds: source.epochSeconds,
      folder,
    });
    log.info(`pushing ${formatImageName(name)} (${count(images.length, 'platform')})`);
    const pushed = await pushImages({ client, log }, { name, images, tags, annotations });
    await fs.rm(folder, { recursive: true, force: true });
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
