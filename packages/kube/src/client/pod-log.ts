import { KubeError } from './kube-error.ts';
import type { KubeClient } from './kube-client.ts';

/** Log text without colours and control characters; line breaks and tabs stay. */
export function plainLog(text: string): string {
  return text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** What the kubelet answers, as if it were the log, for a container that it has removed (pkg/kubelet, kuberuntime). */
const isGone = /^unable to retrieve container logs for \S+$/;

/** Why there may be no log at this moment, though there is one at the next: it is not there (yet), or the kubelet fails. */
const passing = (status: number | undefined): boolean =>
  status === 400 || status === 404 || (status !== undefined && status >= 500);

/**
 * The last lines that a container printed: of its previous run when it had one that ended, else of
 * the present. Undefined when there is no log or it may not be read.
 */
export async function readLogTail(
  client: KubeClient,
  of: { namespace: string; pod: string; container: string; lines?: number },
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(of.namespace)}/pods/${encodeURIComponent(of.pod)}/log`;
  const ask = async (previous: boolean): Promise<string | undefined> => {
    const text = await client.text(
      path,
      {
        container: of.container,
        tailLines: of.lines ?? 15,
        limitBytes: 16_384,
        ...(previous ? { previous } : {}),
      },
      16_384,
    );
    return text.trim() === '' || isGone.test(text.trim()) ? undefined : plainLog(text).trimEnd();
  };
  let present: string | undefined;
  // A container that has ended may come back between two questions: what is the present run then has only
  // begun, and the one that ended has become the previous one.
  for (const previous of [true, false, true]) {
    try {
      const text = await ask(previous);
      if (previous && text !== undefined) return text;
      if (!previous) present = text;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (!passing(error.status)) return undefined;
    }
  }
  return present;
}
