import { KubeError, type KubeClient } from '@slipway/kube';

/**
 * The same client, that asks for each object and each list of kinds once: for the time before the first
 * change, in which nothing of ours makes an answer wrong. Failures but 404 are not remembered.
 */
export function rememberReads(kube: KubeClient): KubeClient {
  const answers = new Map<string, Promise<unknown>>();
  return {
    ...kube,
    get: async <T>(path: string, query?: Parameters<KubeClient['get']>[1], accept?: string) => {
      if (query !== undefined || accept !== undefined)
        return await kube.get<T>(path, query, accept);
      const answer = answers.get(path) ?? kube.get<T>(path);
      answers.set(path, answer);
      try {
        return (await answer) as T;
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 404) answers.delete(path);
        throw error;
      }
    },
  };
}
