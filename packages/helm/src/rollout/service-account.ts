import { KubeError, workloadPath, type KubeClient } from '@slipway/kube';
import type { RolloutTruth } from '@slipway/rollout';
import { errorMessage, type Log } from '@slipway/runtime';
import type { RolloutTarget } from './targets.ts';

interface Templated {
  spec?: { template?: { spec?: { serviceAccountName?: string; serviceAccount?: string } } };
}

const changeable = new Set(['deployment', 'statefulset', 'daemonset']);

/** Takes service accounts away that no manifest names any more. */
export interface AccountMending {
  /** Mends a target that Helm has applied; once for each. */
  mend: (target: RolloutTarget, truth: RolloutTruth) => Promise<void>;
}

/**
 * The API server keeps a second, old name of a pod's service account (`serviceAccount`), which it fills in by
 * itself and nobody owns. When a manifest stops naming the account, neither an apply nor a three-way patch
 * takes that away, and it brings the account back (kubernetes/kubernetes#108208): pods would run under the
 * account of a revision that is gone, or not be made at all.
 */
export function createAccountMending({
  kube,
  log,
}: {
  kube: KubeClient;
  log: Log;
}): AccountMending {
  const mended = new Set<RolloutTarget>();
  return {
    mend: async (target, { troubles }) => {
      const { ref, account } = target;
      const lacks = troubles.some(
        ({ cause }) =>
          cause.reason === 'FailedCreate' &&
          /serviceaccount "[^"]+" not found/i.test(cause.message),
      );
      const due = account === 'dropped' || (account === 'none' && lacks);
      if (!due || mended.has(target) || !changeable.has(ref.kind)) return;
      mended.add(target);
      try {
        const live = await kube.get<Templated>(workloadPath(ref));
        const { serviceAccountName, serviceAccount } = live.spec?.template?.spec ?? {};
        const kept = serviceAccountName ?? serviceAccount;
        if (kept === undefined) return;
        const spec = { serviceAccountName: null, serviceAccount: null };
        await kube.patch(workloadPath(ref), { spec: { template: { spec } } });
        log.info(
          `Took the service account ${kept} from ${ref.kind}/${ref.name}: the chart names none any more, and Kubernetes would keep it`,
        );
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        log.warning(
          `${ref.kind}/${ref.name} may still have a service account that the chart does not name: ${errorMessage(error)}`,
          { title: 'Service account not taken away' },
        );
      }
    },
  };
}
