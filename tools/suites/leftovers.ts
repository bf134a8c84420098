import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readOwnCluster } from '../../test/lab/lifecycle/own-cluster.ts';
import { useLab } from '../../test/lab/lab.ts';

const run = promisify(execFile);

interface Namespaces {
  items: { metadata: { name: string }; status?: { phase?: string } }[];
}

/** Names in what `kubectl get namespaces -o json` prints, but for those that are being removed. */
export function lastingNamespaces(printed: string): ReadonlySet<string> {
  const { items } = JSON.parse(printed) as Namespaces;
  const lasting = items.filter(({ status }) => status?.phase !== 'Terminating');
  return new Set(lasting.map(({ metadata }) => metadata.name));
}

async function kubectl(...args: string[]): Promise<string> {
  const lab = await useLab();
  return (await run(lab.kubectl, ['--kubeconfig', lab.kubeconfig, ...args])).stdout;
}

/**
 * Namespaces of the lab that nobody has begun to remove; of a cluster of the user's none, since others
 * may make some in it meanwhile.
 */
export async function labNamespaces(): Promise<ReadonlySet<string>> {
  if (readOwnCluster(process.env) !== undefined) return new Set();
  return lastingNamespaces(await kubectl('get', 'namespaces', '-o', 'json'));
}

/** Removes what tests made since `before` and did not remove, and gives the names. */
export async function removeLeftovers(before: ReadonlySet<string>): Promise<readonly string[]> {
  const left = [...(await labNamespaces())].filter((name) => !before.has(name)).sort();
  if (left.length > 0) await kubectl('delete', 'namespaces', ...left, '--wait=false');
  return left;
}
