import { KubeError, type KubeClient } from '@slipway/kube';
import { discoverResources, objectName, type ManifestObject } from '../release/index.ts';

/** One object that the cluster would refuse. */
export interface Refusal {
  /** `Deployment/api`. */
  object: string;
  /** What the API server says. */
  message: string;
}

/** Whether an answer tells of the object, not of the question. */
function isRefusal(error: KubeError): boolean {
  if (error.status === 422) return true;
  if (error.status === 409) return /conflict/i.test(error.message);
  // 403 is both "you may not" (of the trial, perhaps only of it) and "this object may not be".
  if (error.status === 403)
    return /exceeded quota|violates PodSecurity|denied the request/i.test(error.message);
  return error.status === 400 && /denied the request/i.test(error.message);
}

function messageOf(error: KubeError): string {
  return error.message.replace(/^The Kubernetes API answered \S+ \S+ with \d+: /, '');
}

/**
 * Tries each object on the API server without keeping it (`dryRun=All`), which `helm --dry-run=server`
 * does not do: immutable fields, conflicts over fields, admission, quota and schema are found before the
 * first write, all at once. `force` takes over fields of other managers, as Helm 3 does. What cannot be
 * tried (a kind whose CRD comes with the chart, a webhook without dry run, missing rights) passes.
 */
export async function findRefusals(
  kube: KubeClient,
  objects: readonly ManifestObject[],
  options: { namespace: string; force: boolean },
): Promise<readonly Refusal[]> {
  const resources = discoverResources(kube);
  const refusals = new Map<ManifestObject, Refusal>();
  const queue = [...objects];
  const worker = async (): Promise<void> => {
    for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
      const path = await resources.pathOf(object, options.namespace);
      if (path === undefined) continue;
      try {
        await kube.apply(path, object.source, {
          dryRun: 'All',
          force: options.force,
          fieldManager: 'helm',
          fieldValidation: 'Ignore',
        });
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (isRefusal(error))
          refusals.set(object, { object: objectName(object), message: messageOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return objects.flatMap((object) => refusals.get(object) ?? []);
}
