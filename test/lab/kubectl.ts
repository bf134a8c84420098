import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Lab } from './lab.ts';

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

/** Asks until the answer satisfies; tests that wait for what a cluster does have no other way. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
