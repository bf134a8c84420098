import { execFile } from 'node:child_process';
import { inspect, promisify } from 'node:util';
import type { Lab } from '../lab.ts';

const execute = promisify(execFile);

/** kubectl against one lab, as tests use it. Resolves with standard output. */
export type Kubectl = (...args: string[]) => Promise<string>;

/** kubectl for `lab`; everything happens in `namespace`. */
export function kubectlOf(lab: Pick<Lab, 'kubectl' | 'kubeconfig'>, namespace: string): Kubectl {
  return async (...args) => {
    const base = ['--kubeconfig', lab.kubeconfig, '--namespace', namespace];
    const { stdout } = await execute(lab.kubectl, [...base, ...args], { maxBuffer: 16 << 20 });
    return stdout;
  };
}

/** Less than what tests of the lab have in all, so that the answer is told and not just the time. */
const patienceMs = 100_000;

/**
 * Asks until the answer satisfies; tests that wait for what a cluster does have no other way. Throws
 * with the last answer when a cluster does not come to it, however busy the machine is.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (performance.now() > until)
      throw new Error(
        `Not so within ${patienceMs / 1000} s; the last answer was ${inspect(answer).slice(0, 500)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A pod that serves: it runs and nobody has begun to delete it. */
export interface ServingPod {
  name: string;
  templateHash: string;
}

/** Pods by label that serve now. Those still on their way out are left out. */
export async function servingPods(
  kubectl: Kubectl,
  namespace: string,
  selector: string,
): Promise<ServingPod[]> {
  const printed = await kubectl('get', 'pods', '-n', namespace, '-l', selector, '-o', 'json');
  const { items } = JSON.parse(printed) as {
    items: {
      metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
      status: { phase: string };
    }[];
  };
  return items
    .filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Running')
    .map(({ metadata }) => ({
      name: metadata.name,
      templateHash: metadata.labels['pod-template-hash'] ?? '',
    }));
}
