import type { Pod, Workload } from '@slipway/kube';
import type { PodRecord } from '@slipway/rollout';
import type { Finding } from '../judge/index.ts';

/** An image that was released: its name, with the tag if it has one, and its digest. */
export interface ReleasedImage {
  name: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
}

/** Reads `ghcr.io/acme/api@sha256:…`. Throws with the form expected. */
export function parseReleasedImage(text: string): ReleasedImage {
  const match = /^([^\s@]+)@(sha256:[0-9a-f]{64})$/.exec(text.trim());
  if (match === null)
    throw new Error(
      `${JSON.stringify(text)} names no image by its digest; write for example ghcr.io/acme/api@sha256:… with 64 hexadecimal digits.`,
    );
  const [, name = '', digest = ''] = match;
  return { name, digest };
}

/** The name without its tag, and with the registry that is meant when none is written. */
function repository(image: string): string {
  const name = (image.split('@')[0] ?? '').replace(/:[^:/]*$/, '');
  const [first = ''] = name.split('/');
  const hasHost = name.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  if (hasHost) return name.replace(/^index\.docker\.io\//, 'docker.io/');
  return name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
}

/** Image and running digest of one container of a pod. */
interface Run {
  /** As the pod's spec has it. */
  image: string;
  /** As the runtime tells it: empty until it has been pulled. */
  imageId: string;
}

function runsOf(pod: Pod): Run[] {
  const { spec, status } = pod;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name, image }) => ({
    image: image ?? '',
    imageId: statuses.find((one) => one.name === name)?.imageID ?? '',
  }));
}

/** Of the digest, by its spec (which may name the index of all platforms) or by what the runtime tells. */
const isOf = ({ digest }: ReleasedImage, { image, imageId }: Run): boolean =>
  image.endsWith(`@${digest}`) || imageId.endsWith(digest);

/** Whether a container is the one that should run the image: of the same repository, where any is. */
function meant(released: ReleasedImage, runs: readonly Run[]): readonly Run[] {
  const same = runs.filter(({ image }) => repository(image) === repository(released.name));
  return same.length > 0 ? same : runs;
}

const runsIt = (released: ReleasedImage, pod: Pod): boolean =>
  meant(released, runsOf(pod)).some((run) => isOf(released, run));

function namedBy({ template }: Workload, { digest }: ReleasedImage): boolean {
  return [...(template?.initContainers ?? []), ...(template?.containers ?? [])].some(
    ({ image }) => image?.endsWith(`@${digest}`) === true,
  );
}

/** Whether the workload is of this release yet: its template names the images, or a pod runs them. */
export function isReleased(
  images: readonly ReleasedImage[],
  workload: Workload,
  present: readonly PodRecord[],
): boolean {
  return images.every(
    (image) => namedBy(workload, image) || present.some(({ pod }) => runsIt(image, pod)),
  );
}

const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

/** What the pods run in place of the image. */
function foundInstead(released: ReleasedImage, present: readonly PodRecord[]): string {
  const other = present.find(({ pod }) => !runsIt(released, pod));
  const [run] = other === undefined ? [] : meant(released, runsOf(other.pod));
  if (other === undefined || run === undefined) return 'there is no pod yet';
  const digest = /sha256:[0-9a-f]{64}$/.exec(run.imageId)?.[0];
  const what = digest === undefined ? run.image : `${run.image} (${short(digest)})`;
  return `pod/${other.pod.metadata?.name ?? ''} runs ${what}`;
}

/** Whether every pod runs the images that were released. Until then nothing else is about the release. */
export function imageFinding(
  images: readonly ReleasedImage[],
  present: readonly PodRecord[],
): Finding {
  const check = 'image';
  const missing = images.find(
    (image) => present.length === 0 || !present.every(({ pod }) => runsIt(image, pod)),
  );
  const wanted = ({ name, digest }: ReleasedImage): string => `${name}@${short(digest)}`;
  if (missing === undefined)
    return { check, state: 'good', detail: `every pod runs ${images.map(wanted).join(', ')}` };
  return {
    check,
    state: 'open',
    detail: `not every pod runs ${wanted(missing)}: ${foundInstead(missing, present)}`,
    wouldChange: 'pods of the released image',
    next: 'See whether what delivers the release (Argo CD, Flux) has taken it up, and for a tag that has moved since.',
  };
}
