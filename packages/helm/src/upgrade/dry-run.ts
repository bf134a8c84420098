import { KubeError, type KubeClient } from '@slipway/kube';
import type { LiveChange } from '../diff/index.ts';
import { patchBetween, repeatedVariables, threeWayMerge, type Json } from '../merge/index.ts';
import {
  objectKey,
  objectName,
  plainObject,
  readLiveObject,
  visitObjects,
  type ManifestObject,
} from '../release/index.ts';

/** What the trial of one object came to, when it is not simply taken. */
export interface TrialFinding {
  /** `Deployment/api`. */
  object: string;
  /**
   * `refused`: the cluster would not take it. `untried`: that cannot be known before it happens.
   * `doubtful`: it is taken, but not every time as the chart says it.
   */
  kind: 'refused' | 'untried' | 'doubtful';
  /** What the API server says, or what is doubtful. */
  message: string;
}

/** How Helm will change the objects. */
export type Applying =
  /** Server-side, taking over fields of other managers when `force`. */
  | { side: 'server'; force: boolean }
  /** By patches from the manifest of the revision before, which always win. */
  | { side: 'client'; old: readonly ManifestObject[] };

/** Whether an answer tells of the object, not of the question. */
function isRefusal(error: KubeError): boolean {
  if (error.status === 422) return true;
  if (error.status === 409) return /conflict/i.test(error.message);
  // What has no typed form: a value of the wrong type, in a server-side apply also a key that is there
  // twice. The server calls some of these errors its own (500).
  if (/failed to create typed patch object|failed to convert new object/.test(error.message))
    return true;
  // 403 is both "you may not" (of the trial, perhaps only of it) and "this object may not be".
  if (error.status === 403)
    return /exceeded quota|violates PodSecurity|denied the request/i.test(error.message);
  return error.status === 400 && /denied the request|cannot be handled as a/i.test(error.message);
}

function messageOf(error: KubeError): string {
  return error.message.replace(/^The Kubernetes API answered \S+ \S+ with \d+: /, '');
}

const trial = { dryRun: 'All', fieldManager: 'helm', fieldValidation: 'Ignore' } as const;

/** One object as it came out of its trial. */
export interface Trial {
  finding: TrialFinding | undefined;
  /** Undefined when it cannot be known. */
  change: LiveChange | undefined;
}

interface TriedObject {
  object: ManifestObject;
  path: string;
  name: string;
}

/** What Helm does on the client's side: a new object, or the three-way merge with the one that is there. */
async function tryPatch(
  kube: KubeClient,
  { object, path, name }: TriedObject,
  old: Json | undefined,
): Promise<Trial> {
  const wanted = plainObject(object);
  const live = await readLiveObject(kube, path);
  if (live === undefined) {
    await kube.create(path.slice(0, path.lastIndexOf('/')), wanted, trial);
    return { finding: undefined, change: { object: name, before: undefined, after: wanted } };
  }
  const patch = patchBetween(live, threeWayMerge({ old, wanted, live }));
  if (patch === undefined)
    return { finding: undefined, change: { object: name, before: live, after: live } };
  const after = await kube.patch<Json>(path, patch, trial);
  const repeated = repeatedVariables(wanted, live).join(', ');
  const message =
    `environment variables are there twice (${repeated}): a patch merges them by name, so one may ` +
    'keep its old value or go away; name each once';
  return {
    finding: repeated === '' ? undefined : { object: name, kind: 'doubtful', message },
    change: { object: name, before: live, after },
  };
}

/** What Helm does on the server's side. The live object is read for the difference only. */
async function tryApply(
  kube: KubeClient,
  { object, path, name }: TriedObject,
  force: boolean,
): Promise<Trial> {
  const [live, applied] = await Promise.allSettled([
    readLiveObject(kube, path),
    kube.apply<Json>(path, object.source, { ...trial, force }),
  ]);
  if (applied.status === 'rejected') throw applied.reason;
  if (live.status === 'rejected') return { finding: undefined, change: undefined };
  const after = live.value === undefined ? plainObject(object) : applied.value;
  return { finding: undefined, change: { object: name, before: live.value, after } };
}

/**
 * Tries on the API server, without keeping it (`dryRun=All`), what Helm will send for each object,
 * which `helm --dry-run=server` does not do: immutable fields, conflicts over fields, admission, quota
 * and schema are found before the first write, all at once. What cannot be tried (a kind whose CRD
 * comes with the chart, as `g/v1/Kind` in `notYet`, a webhook without dry run, missing rights) is `untried`.
 */
export async function tryObjects(
  kube: KubeClient,
  objects: readonly ManifestObject[],
  options: { namespace: string; applying: Applying; notYet: ReadonlySet<string> },
): Promise<readonly Trial[]> {
  const { namespace, applying, notYet } = options;
  const old = new Map(
    (applying.side === 'client' ? applying.old : []).map((object) => [
      objectKey(object, namespace),
      plainObject(object),
    ]),
  );
  return await visitObjects(kube, { objects, namespace }, async (object, path): Promise<Trial> => {
    const name = objectName(object);
    if (path === undefined || notYet.has(`${object.apiVersion}/${object.kind}`))
      return {
        finding: { object: name, kind: 'untried', message: 'its CRD comes with the chart' },
        change: { object: name, before: undefined, after: plainObject(object) },
      };
    try {
      const tried = { object, path, name };
      return applying.side === 'client'
        ? await tryPatch(kube, tried, old.get(objectKey(object, namespace)))
        : await tryApply(kube, tried, applying.force);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const kind = isRefusal(error) ? 'refused' : 'untried';
      return { finding: { object: name, kind, message: messageOf(error) }, change: undefined };
    }
  });
}
