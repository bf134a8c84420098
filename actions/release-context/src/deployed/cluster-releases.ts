import { systemExec } from '@slipway/exec';
import type { Target } from '@slipway/fleet';
import { deployedCommits, storageDriver, type DeployedSource } from '@slipway/helm';
import {
  createKubeClient,
  kubeconfigSource,
  loadKubeConfig,
  maskKubeconfigSource,
} from '@slipway/kube';
import type { ClusterRelease } from '@slipway/release';
import { errorMessage, timeLimit, type Run } from '@slipway/runtime';
import type { ReleasePlace } from './release-places.ts';

/** The cluster that a plan may read. */
export interface ClusterInputs {
  /** Content or path, as given; empty when there is none. */
  kubeconfig: string;
  kubeContext: string;
}

/** What the cluster of one target has. */
export interface TargetReleases {
  /** By service; those that it did not tell of are not in it. */
  releases: ReadonlyMap<string, ClusterRelease>;
  /** Whether a release is deployed; undefined when its namespace was not read. */
  has: (namespace: string, release: string) => boolean | undefined;
}

const nothing: TargetReleases = { releases: new Map(), has: () => undefined };

/** A plan is not held up for longer by a cluster. */
const limitMs = 30_000;
const oneRequest = { timeoutMs: 10_000, retries: 1 };
/** So many namespaces are read side by side. */
const atOnce = 8;

/**
 * What the clusters of an environment say of the releases in it, by target: in the context with the name of
 * its cluster, or in a kubeconfig's only one; an only target that names no cluster is in the current one. Never
 * throws for a cluster: what cannot be read is told, and the record counts alone.
 */
export async function readClusters(
  run: Run,
  inputs: ClusterInputs,
  asked: {
    environment: string;
    targets: readonly Target[];
    placesIn: (target: Target) => readonly ReleasePlace[];
  },
): Promise<ReadonlyMap<string, TargetReleases>> {
  const { environment, targets, placesIn } = asked;
  const { kubeconfig, kubeContext } = inputs;
  const limited = Object.assign({}, run, { signal: timeLimit(run.clock, limitMs, run.signal) });
  const isOnly = targets.length === 1;
  const read = async (target: Target): Promise<readonly [string, TargetReleases]> => {
    const cluster = target.cluster ?? '';
    const context = isOnly && kubeContext !== '' ? kubeContext : cluster;
    if (kubeconfig === '' || target.hosts !== undefined || (!isOnly && context === ''))
      return [target.name, nothing];
    // A file with several is for several clusters, and the current one may be any of them.
    const ways = { kubeconfig, context, orOnlyContext: isOnly && kubeContext === '' };
    try {
      return [target.name, await readTarget(limited, ways, placesIn(target))];
    } catch (error) {
      run.signal.throwIfAborted();
      const where = isOnly ? environment : `${environment} (${target.name})`;
      const why = errorMessage(error).replace(/\.$/, '');
      run.log.notice(
        `The cluster of ${where} does not tell what is deployed there, so the record counts alone: ${why}.`,
        { title: 'release-context' },
      );
      return [target.name, nothing];
    }
  };
  return new Map(await Promise.all(targets.map(read)));
}

async function readTarget(
  run: Run,
  asked: { kubeconfig: string; context: string; orOnlyContext: boolean },
  places: readonly ReleasePlace[],
): Promise<TargetReleases> {
  const { kubeconfig, context, orOnlyContext } = asked;
  const { env, log, clock, signal, maskSecret } = run;
  const driver = storageDriver(env);
  const source = await kubeconfigSource(kubeconfig, run.runner.workspace);
  await maskKubeconfigSource(source, maskSecret);
  const target = await loadKubeConfig({
    env,
    orOnlyContext,
    ...(source.kind === 'text' ? { text: source.text } : {}),
    ...(source.kind === 'file' ? { path: source.path } : {}),
    ...(context === '' ? {} : { context }),
  });
  const exec = systemExec({ log, env });
  const ports = { env, log, exec, clock, signal, maskSecret };
  const kube = createKubeClient(target, { ...ports, ...oneRequest });
  try {
    const deployed = await readNamespaces(places, (namespace) =>
      deployedCommits(kube, namespace, driver),
    );
    return {
      releases: new Map(places.map((place) => [place.service, releaseOf(deployed, place)])),
      has: (namespace, release) => deployed.get(namespace)?.has(release),
    };
  } finally {
    await kube.close();
  }
}

type Deployed = ReadonlyMap<string, ReadonlyMap<string, DeployedSource>>;

async function readNamespaces(
  places: readonly ReleasePlace[],
  read: (namespace: string) => Promise<ReadonlyMap<string, DeployedSource>>,
): Promise<Deployed> {
  const left = [...new Set(places.map(({ namespace }) => namespace))];
  const found = new Map<string, ReadonlyMap<string, DeployedSource>>();
  const lane = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift())
      found.set(name, await read(name));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return found;
}

function releaseOf(deployed: Deployed, { release, namespace }: ReleasePlace): ClusterRelease {
  const source = deployed.get(namespace)?.get(release);
  if (source === undefined) return { kind: 'absent', release, namespace };
  const { stamp, sinceMs, overtaken } = source;
  return stamp.kind === 'commit'
    ? { kind: 'commit', commit: stamp.commit, sinceMs, overtaken }
    : { kind: 'unstamped', overtaken };
}
