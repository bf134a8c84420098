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
  type PushedImage,
} from '@slipway/artifact';
import type { Exec } from '@slipway/exec';
import type { BuildSource, BuiltUnit } from '@slipway/go';
import { createHttpClient } from '@slipway/http';
import { ActionError, InputError, type Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

const imageSystems = ['linux', 'wasip1'];

/** The repository of one program's image: `image` itself for one program, else below it. */
export function imageOf(image: string, program: string, isOnlyOne: boolean): string {
  const part = program.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  if (image.includes('{name}')) return image.replaceAll('{name}', part);
  return isOnlyOne ? image : `${image.replace(/\/+$/, '')}/${part}`;
}

/** Programs by name, each with the platforms that an image can have. */
function byProgram(built: readonly BuiltUnit[]) {
  const programs = new Map<string, { unit: BuiltUnit['unit']; file: string }[]>();
  for (const { unit, programs: files } of built)
    if (imageSystems.includes(unit.target.goos))
      for (const { name, file } of files)
        programs.set(name, [...(programs.get(name) ?? []), { unit, file }]);
  return [...programs].sort(([a], [b]) => (a < b ? -1 : 1));
}

function labelsOf(run: Run, inputs: Inputs, program: string, version: string, source: BuildSource) {
  const { runner } = run;
  const created =
    source.epochSeconds === 0
      ? {}
      : {
          'org.opencontainers.image.created': new Date(source.epochSeconds * 1000)
            .toISOString()
            .replace('.000Z', 'Z'),
        };
  return {
    'org.opencontainers.image.title': program,
    'org.opencontainers.image.version': version,
    ...created,
    ...(source.commit === undefined ? {} : { 'org.opencontainers.image.revision': source.commit }),
    ...(runner.repository === ''
      ? {}
      : { 'org.opencontainers.image.source': `${runner.serverUrl}/${runner.repository}` }),
    ...inputs.imageLabels,
  };
}

/** Makes an image of every program and pushes it. Returns them by program, in order of name. */
export async function makeImages(
  run: Run,
  exec: Exec,
  options: {
    inputs: Inputs;
    built: readonly BuiltUnit[];
    version: string;
    source: BuildSource;
    goRoot: string;
  },
): Promise<Map<string, PushedImage>> {
  const { inputs, version, source } = options;
  const programs = byProgram(options.built);
  if (programs.length === 0)
    throw new InputError('image: none of the targets is linux or wasip1, so there is no image.', {
      next: 'Add a target such as linux/amd64, or take image away.',
    });
  const caCertificates = inputs.imageCaCertificates
    ? `${[...tls.rootCertificates].sort().join('\n')}\n`
    : undefined;
  const zoneinfo = inputs.imageTzdata
    ? await fs.readFile(path.join(options.goRoot, 'lib', 'time', 'zoneinfo.zip'))
    : undefined;
  const http = createHttpClient({ env: withoutProxyForLoopback(run.env) });
  const pushed = new Map<string, PushedImage>();
  const repositories: string[] = [];
  try {
    for (const [program, variants] of programs) {
      const labels = labelsOf(run, inputs, program, version, source);
      const images: Image[] = [];
      for (const { unit, file } of variants) {
        const content = await fs.readFile(file);
        if (needsLoader(content)) throw dynamicallyLinked(program, unit.name);
        images.push(
          await buildImage({
            program: { name: program, content },
            platform: unit.target.platform,
            labels,
            epochSeconds: source.epochSeconds,
            ...(caCertificates === undefined ? {} : { caCertificates }),
            ...(zoneinfo === undefined ? {} : { zoneinfo }),
          }),
        );
      }
      const name = parseImageName(imageOf(inputs.image, program, programs.length === 1));
      const credentials = await findCredentials({
        registry: name.registry,
        username: inputs.registryUsername,
        password: inputs.registryPassword,
        env: run.env,
        exec,
        maskSecret: run.maskSecret,
      });
      const client = createRegistryClient({
        name,
        credentials,
        fetch: http.fetch,
        clock: run.clock,
        signal: run.signal,
        maskSecret: run.maskSecret,
      });
      run.log.info(`pushing ${formatImageName(name)} (${images.length} platforms)`);
      pushed.set(
        program,
        await pushImages(
          { client, log: run.log },
          {
            name,
            images,
            tags: inputs.imageTags.length > 0 ? inputs.imageTags : [imageTag(version)],
            annotations: labels,
          },
        ),
      );
      repositories.push(name.repository);
    }
  } finally {
    await http.close();
  }
  return pushed;
}

function dynamicallyLinked(program: string, unit: string): ActionError {
  return new ActionError(
    `${program} for ${unit} is linked dynamically; an image from scratch has no loader, so it could not start there.`,
    { next: 'Take -linkmode and -extldflags out of ldflags, or set cgo to false.' },
  );
}

/** A proxy cannot reach this machine's own registry; Go's and Docker's clients leave it out as well. */
function withoutProxyForLoopback(env: Run['env']): Run['env'] {
  const own = env['no_proxy'] ?? env['NO_PROXY'];
  const noProxy = [...(own === undefined || own === '' ? [] : [own]), 'localhost', '127.0.0.1'];
  return { ...env, no_proxy: noProxy.join(',') };
}
