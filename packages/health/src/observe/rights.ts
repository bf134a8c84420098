import { mayAccess, workloadResource, type KubeClient, type WorkloadRef } from '@slipway/kube';

/** Rights that a verification needs and does not have, as `get deployments.apps`. */
export interface MissingRights {
  /** Without these nothing can be verified. */
  needed: readonly string[];
  /** Without these pods cannot be probed. */
  probing: readonly string[];
  /** Without these causes stay unnamed, and Services unread. */
  helpful: readonly string[];
}

/** Asks the API server beforehand what these credentials may do, so that a missing right has a name. */
export async function missingRights(client: KubeClient, ref: WorkloadRef): Promise<MissingRights> {
  const { namespace } = ref;
  const { group, resource } = workloadResource(ref.kind);
  const lacks = async (verb: string, ofGroup: string, of: string): Promise<string[]> => {
    const allowed = await mayAccess(client, { verb, group: ofGroup, resource: of, namespace });
    return allowed === false ? [`${verb} ${of}${ofGroup === '' ? '' : `.${ofGroup}`}`] : [];
  };
  const [needed, probing, helpful] = await Promise.all([
    Promise.all([
      lacks('get', group, resource),
      lacks('list', '', 'pods'),
      lacks('watch', '', 'pods'),
      ...(ref.kind === 'deployment' || ref.kind === 'rollout'
        ? [lacks('list', 'apps', 'replicasets')]
        : []),
      ...(ref.kind === 'daemonset' ? [lacks('list', 'apps', 'controllerrevisions')] : []),
    ]),
    lacks('get', '', 'pods/proxy'),
    Promise.all([
      lacks('list', '', 'events'),
      lacks('get', '', 'pods/log'),
      lacks('list', '', 'services'),
      lacks('list', 'discovery.k8s.io', 'endpointslices'),
    ]),
  ]);
  return { needed: needed.flat(), probing, helpful: helpful.flat() };
}
