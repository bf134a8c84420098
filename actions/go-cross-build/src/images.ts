import * as fs from 'node:fs/promises';
import path from 'node:path';
import * as tls from 'node:tls';
import {
  buildImage,
  createRegistryClient,
  findCredentials,
  formatImageName,
  imageTag,
  needsLoader,
  parseImageName,
  pushImages,
  type Image,
  type ImageContent,
  type PushedImage,
} from '@slipway/artifact';
import type { BuildSource, BuiltUnit } from '@slipway/go';
import { createHttpClient, type HttpClient } from '@slipway/http';
import { ActionError, count, InputError } from '@slipway/runtime';
import type { Artifact } from './artifact-list.ts';
import { imageAnnotations } from './image-annotations.ts';
import type { CrossBuildPorts } from './ports.ts';

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

/** What the images are made from. */
export interface ImageSource {
  built: readonly BuiltUnit[];
  version: string;
  source: BuildSource;
  goRoot: string;
}

/** A program with its builds for platforms that an image can have. */
interface Program {
  name: string;
  builds: readonly { unit: BuiltUnit['unit']; file: string }[];
}

/** What every image gets beside its program. */
type Trust = Pick<ImageContent, 'caCertificates' | 'zoneinfo'>;

const imageSystems = ['linux', 'wasip1'];

/** The repository of one program's image: `image` itself for one program, else below it. */
export function imageOf(image: string, program: string, isOnlyOne: boolean): string {
  const part = program.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  if (image.includes('{name}')) return image.replaceAll('{name}', part);
  return isOnlyOne ? image : `${image.replace(/\/+$/, '')}/${part}`;
}

function programsOf(built: readonly BuiltUnit[]): Program[] {
  const builds = new Map<string, Program['builds']>();
  for (const { unit, programs } of built)
    if (imageSystems.includes(unit.target.goos))
      for (const { name, file } of programs)
        builds.set(name, [...(builds.get(name) ?? []), { unit, file }]);
  const names = [...builds.keys()].sort();
  return names.map((name) => ({ name, builds: builds.get(name) ?? [] }));
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

/** One image for each platform of a program, in the order of the plan. */
async function imagesOf(
  { name, builds }: Program,
  options: { trust: Trust; labels: Readonly<Record<string, string>>; epochSeconds: number },
): Promise<Image[]> {
  const images: Image[] = [];
  for (const { unit, file } of builds) {
    const content = await fs.readFile(file);
    if (needsLoader(content)) throw dynamicallyLinked(name, unit.name);
    images.push(
      await buildImage({
        program: { name, content },
        platform: unit.target.platform,
        labels: options.labels,
        epochSeconds: options.epochSeconds,
        ...options.trust,
      }),
    );
  }
  return images;
}

async function push(
  ports: CrossBuildPorts & { http: HttpClient },
  request: ImageRequest,
  ready: {
    repository: string;
    images: readonly Image[];
    labels: Readonly<Record<string, string>>;
    version: string;
  },
): Promise<PushedImage> {
  const { clock, env, exec, http, log, maskSecret, signal } = ports;
  const { username, password } = request;
  const { images } = ready;
  const name = parseImageName(ready.repository);
  const credentials = await findCredentials({
    registry: name.registry,
    username,
    password,
    env,
    exec,
    maskSecret,
  });
  const client = createRegistryClient({
    name,
    credentials,
    fetch: http.fetch,
    clock,
    signal,
    maskSecret,
  });
  log.info(`pushing ${formatImageName(name)} (${count(images.length, 'platform')})`);
  const own = imageTag(ready.version);
  const tags =
    request.tags.length > 0 ? request.tags.map((tag) => tag.replaceAll('{version}', own)) : [own];
  return pushImages({ client, log }, { name, images, tags, annotations: ready.labels });
}

/** Makes an image of every program and pushes it. Returns them by program, in order of name. */
export async function makeImages(
  ports: CrossBuildPorts,
  request: ImageRequest,
  { built, version, source, goRoot }: ImageSource,
): Promise<Map<string, PushedImage>> {
  const programs = programsOf(built);
  if (programs.length === 0)
    throw new InputError('image: none of the targets is linux or wasip1, so there is no image.', {
      next: 'Add a target such as linux/amd64, or take image away.',
    });
  const trust = await trustOf(request, goRoot);
  const http = createHttpClient({ env: ports.env });
  const pushed = new Map<string, PushedImage>();
  try {
    for (const program of programs) {
      const labels = {
        ...imageAnnotations(ports.runner, { program: program.name, version, source }),
        ...request.labels,
      };
      const { epochSeconds } = source;
      const images = await imagesOf(program, { trust, labels, epochSeconds });
      const repository = imageOf(request.image, program.name, programs.length === 1);
      const ready = { repository, images, labels, version };
      pushed.set(program.name, await push({ ...ports, http }, request, ready));
    }
  } finally {
    await http.close();
  }
  return pushed;
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
