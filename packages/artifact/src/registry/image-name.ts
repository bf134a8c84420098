import { isLoopback } from '@slipway/http';
import { InputError, quoted } from '@slipway/runtime';

/** Where an image lives, without tag. */
export interface ImageName {
  /** As users write it: `ghcr.io`, `docker.io`, `127.0.0.1:5000`. */
  registry: string;
  repository: string;
  /** The origin of the registry's API. */
  origin: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const host =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/;

/**
 * Reads `[registry/]repository` as container tools do: the first part is a registry when it has a dot
 * or a port or is `localhost`, else the image is on Docker Hub. Throws InputError for anything else,
 * a tag or a digest included.
 */
export function parseImageName(text: string): ImageName {
  const refuse = (why: string): never => {
    throw new InputError(
      `${quoted(text)} is not an image repository: ${why}; write for example ghcr.io/acme/api.`,
    );
  };
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const registry = hasRegistry ? first : 'docker.io';
  let repository = hasRegistry ? text.slice(slash + 1) : text;
  if (text.includes('@')) refuse('it has a digest');
  if (/:[^/]*$/.test(repository)) refuse('it has a tag (use image-tags)');
  if (!host.test(registry)) refuse('the registry is no host name');
  if (/[A-Z]/.test(repository)) refuse('upper-case letters are not allowed in it');
  if (repository.length > 255 || !repository.split('/').every((part) => component.test(part)))
    refuse('a part of its path is not valid');
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  const api = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  // Plain HTTP is spoken on this machine alone.
  return { registry, repository, origin: `${isLoopback(registry) ? 'http' : 'https'}://${api}` };
}

/** `registry/repository`, the name that users pull. */
export function formatImageName({ registry, repository }: ImageName): string {
  return `${registry}/${repository}`;
}

/** A version as an image tag: `+` of build metadata, which a tag cannot have, becomes `_`. */
export function imageTag(version: string): string {
  return version.replaceAll('+', '_').slice(0, 128);
}

/** Whether `text` can be a tag (distribution reference grammar). */
export function isImageTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text);
}
