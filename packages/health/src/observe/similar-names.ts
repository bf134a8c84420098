import {
  KubeError,
  workloadPath,
  type KubeClient,
  type KubeObject,
  type WorkloadRef,
} from '@slipway/kube';
import { editDistance } from '@slipway/runtime';

const otherKinds = ['deployment', 'statefulset', 'daemonset', 'job'] as const;
const mostNamed = 3;

/** Those of `names` that somebody may have meant who wrote `name`, the nearest first. */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const allowed = Math.max(2, Math.floor(name.length / 3));
  return names
    .map((other) => {
      const part = other.includes(name) || name.includes(other);
      return { other, far: part ? 1 : editDistance(name, other) };
    })
    .filter(({ far }) => far <= allowed)
    .sort((a, b) => a.far - b.far || a.other.localeCompare(b.other))
    .slice(0, mostNamed)
    .map(({ other }) => other);
}

/** What may have been meant by a workload that is not there: `deployment/api`. Nothing where that is not told. */
export async function neighboursOf(
  client: KubeClient,
  { kind, name, namespace }: WorkloadRef,
): Promise<readonly string[]> {
  const namesOf = async (of: WorkloadRef['kind']): Promise<string[]> => {
    try {
      const found = await client.list<KubeObject>(workloadPath({ kind: of, namespace }));
      return found.map(({ metadata }) => metadata?.name ?? '');
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return [];
    }
  };
  const others = otherKinds.filter((other) => other !== kind);
  const [near, ...same] = await Promise.all([
    namesOf(kind).then((names) => nearestNames(name, names).map((other) => `${kind}/${other}`)),
    ...others.map(async (other) =>
      (await namesOf(other)).includes(name) ? [`${other}/${name}`] : [],
    ),
  ]);
  return [...same.flat(), ...near].slice(0, mostNamed);
}
