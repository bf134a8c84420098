import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';

/**
 * Names that everybody may read: of the workload, its namespace, its release and its images. A secret that
 * is a part of them, as the tenant `shop` or a password `orders`, stays in them where programs read them.
 */
export function publicNames(
  { workload, release, images }: Pick<Inputs, 'workload' | 'release' | 'images'>,
  { target }: Pick<Cluster, 'target'>,
): readonly string[] {
  const namespace = workload.namespace || target.namespace;
  const names = [workload.name, namespace, release, ...images.map(({ name }) => name)];
  return names.filter((name) => name !== '');
}
