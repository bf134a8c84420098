import type { Pod } from '@slipway/kube';

/** An image by its digest, as in-toto names what a statement is about. */
export interface ImageSubject {
  /** The repository, without tag and digest. */
  name: string;
  digest: { sha256: string };
}

const digestAtEnd = /@?sha256:([0-9a-f]{64})$/;
/** What a registry can serve; a name from the cluster must not become anything else. */
const repositoryName = /^[a-z0-9][a-z0-9._:/-]{0,254}$/i;

function repositoryOf(image: string): string {
  const named = image.replace(digestAtEnd, '');
  return named.replace(/:[^/:]*$/, '');
}

/** Only a digest that stands after a repository is that of a manifest; one alone is the runtime's own. */
function manifestDigest(image: string): string | undefined {
  return image.includes('@') ? digestAtEnd.exec(image)?.[1] : undefined;
}

function subjectsOfPod({ spec, status }: Pod): ImageSubject[] {
  return (spec?.containers ?? []).flatMap(({ name, image = '' }) => {
    const running = status?.containerStatuses?.find((one) => one.name === name)?.imageID ?? '';
    const sha256 = manifestDigest(image) ?? manifestDigest(running);
    const repository = repositoryOf(image);
    return sha256 === undefined || !repositoryName.test(repository)
      ? []
      : [{ name: repository, digest: { sha256 } }];
  });
}

/**
 * The images that the containers named in `containers` run in these pods, each once, by name. Sidecars
 * that somebody else puts into pods are no part of a release.
 */
export function imageSubjects(
  pods: readonly Pod[],
  containers: readonly string[],
): readonly ImageSubject[] {
  const released = new Set(containers);
  const found = pods
    .map(({ spec, ...pod }) => ({
      ...pod,
      ...(spec === undefined
        ? {}
        : {
            spec: { ...spec, containers: spec.containers.filter(({ name }) => released.has(name)) },
          }),
    }))
    .flatMap(subjectsOfPod);
  const each = new Map(found.map((one) => [`${one.name}@${one.digest.sha256}`, one]));
  return [...each.keys()].sort().flatMap((key) => each.get(key) ?? []);
}
