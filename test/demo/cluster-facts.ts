import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A pod as the API server tells it. */
export interface PodFact {
  name: string;
  ready: boolean;
  /** `repository@sha256:…` or `repository:tag` of the first container. */
  image: string;
}

/** One line of a release's history. */
export interface RevisionFact {
  revision: number;
  status: string;
  description: string;
}

/** Looks things up in the cluster with kubectl and helm, not with the code that is being shown. */
export interface ClusterFacts {
  pods(namespace: string, service: string): Promise<readonly PodFact[]>;
  /** Names of the deployments of a namespace. */
  deployments(namespace: string): Promise<readonly string[]>;
  history(namespace: string, release: string): Promise<readonly RevisionFact[]>;
  /** What a pod answers on its HTTP port. Throws when it does not answer with success. */
  ask(namespace: string, pod: string, path: string): Promise<string>;
  createNamespace(name: string): Promise<void>;
  /** Deletes the namespaces of earlier demos without waiting for the end of it. */
  deleteNamespaces(): Promise<void>;
}

const label = 'slipway-demo=true';

/** Facts of the cluster behind `kubeconfig`. */
export function clusterFacts(tools: {
  kubectl: string;
  helm: string;
  kubeconfig: string;
}): ClusterFacts {
  const call = async (file: string, args: readonly string[]): Promise<string> => {
    const { stdout } = await run(file, [...args, '--kubeconfig', tools.kubeconfig], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  const kubectl = (...args: string[]): Promise<string> => call(tools.kubectl, args);
  return {
    pods: async (namespace, service) => {
      const selector = `app.kubernetes.io/instance=${service}`;
      const text = await kubectl('get', 'pods', '-n', namespace, '-l', selector, '-o', 'json');
      return (JSON.parse(text) as { items: PodObject[] }).items
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata, spec, status }) => ({
          name: metadata.name,
          ready:
            status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ===
            true,
          image: spec.containers[0]?.image ?? '',
        }));
    },
    deployments: async (namespace) => {
      const text = await kubectl('get', 'deployments', '-n', namespace, '-o', 'name');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(line.indexOf('/') + 1))
        .sort();
    },
    history: async (namespace, release) =>
      JSON.parse(
        await call(tools.helm, ['history', release, '--namespace', namespace, '--output', 'json']),
      ) as RevisionFact[],
    ask: (namespace, pod, path) =>
      kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy${path}`),
    createNamespace: async (name) => {
      await kubectl('create', 'namespace', name);
      await kubectl('label', 'namespace', name, label);
    },
    deleteNamespaces: async () => {
      await kubectl('delete', 'namespaces', '--selector', label, '--wait=false');
    },
  };
}

interface PodObject {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { containers: { image: string }[] };
  status: { conditions?: { type: string; status: string }[] };
}
