import type { DaemonSet, Deployment, Job, StatefulSet } from '../client/index.ts';

/**
 * What holds a rollout back although nothing is wrong with it. `nothing`: no pod of the new revision comes
 * until somebody acts. `part`: only some pods are due, and those are to be judged. `pause`: it goes on by
 * itself or by somebody's word, nobody can tell when.
 */
export interface Hold {
  kind: 'nothing' | 'part' | 'pause';
  /** One sentence about the workload, without its name. */
  text: string;
}

/** A hold, and how many pods are due under it. */
export interface HeldPods {
  hold?: Hold;
  desired: number;
}

/** Nobody wants a pod: that is no state that one could wait out. */
export const noPods: Hold = {
  kind: 'nothing',
  text: 'the workload wants 0 pods, so there is nothing to verify',
};

const seen = (object: Deployment | StatefulSet | DaemonSet): boolean =>
  (object.metadata?.generation ?? 0) <= (object.status?.observedGeneration ?? 0);

/** A paused deployment is held back for as long as pods of the new revision are missing or old ones are left. */
export function deploymentHold(deployment: Deployment): HeldPods {
  const desired = deployment.spec?.replicas ?? 1;
  if (desired === 0) return { desired, hold: noPods };
  const { updatedReplicas = 0, replicas = 0 } = deployment.status ?? {};
  const unfinished = updatedReplicas < desired || replicas > updatedReplicas;
  if (deployment.spec?.paused !== true || !seen(deployment) || !unfinished) return { desired };
  const text = `the deployment is paused with ${updatedReplicas} of ${desired} pods updated`;
  return { desired, hold: { kind: 'nothing', text: `${text}, so its rollout does not go on` } };
}

/** Pods that are replaced only when somebody deletes them: those that have been are judged. */
function onDelete(updated: number, wanted: number): HeldPods {
  const rest = updated < wanted ? ', the others are when they are deleted' : '';
  const text = `its update strategy is OnDelete: ${updated} of ${wanted} pods have been replaced${rest}`;
  return updated === 0
    ? { desired: 0, hold: { kind: 'nothing', text } }
    : { desired: updated, hold: { kind: 'part', text } };
}

/** A stateful set is held back by its partition, and by the strategy OnDelete. */
export function statefulSetHold(set: StatefulSet): HeldPods {
  const wanted = set.spec?.replicas ?? 1;
  if (wanted === 0) return { desired: wanted, hold: noPods };
  const { updatedReplicas = 0, currentRevision, updateRevision } = set.status ?? {};
  if (!seen(set)) return { desired: wanted };
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  // Its controller sets both revisions equal again only under RollingUpdate.
  if (type === 'OnDelete' && updateRevision !== currentRevision)
    return onDelete(updatedReplicas, wanted);
  if (type === 'OnDelete')
    return { desired: wanted, hold: { kind: 'part', text: 'its update strategy is OnDelete' } };
  const partition = rollingUpdate?.partition ?? 0;
  if (partition === 0 || updateRevision === currentRevision) return { desired: wanted };
  const due = Math.max(wanted - partition, 0);
  const all = wanted === 1 ? 'its only pod' : `all ${wanted} pods`;
  return due === 0
    ? {
        desired: 0,
        hold: { kind: 'nothing', text: `its partition ${partition} holds ${all} back` },
      }
    : {
        desired: due,
        hold: {
          kind: 'part',
          text: `only the ${due} of ${wanted} pods above its partition ${partition} are due`,
        },
      };
}

/** A daemon set is held back by the strategy OnDelete, and wants nothing where no node fits. */
export function daemonSetHold(set: DaemonSet): HeldPods {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0 } = set.status ?? {};
  if (!seen(set)) return { desired: wanted };
  if (wanted === 0)
    return { desired: 0, hold: { kind: 'nothing', text: 'no node is to run a pod of it' } };
  if (set.spec?.updateStrategy?.type !== 'OnDelete') return { desired: wanted };
  return onDelete(updatedNumberScheduled, wanted);
}

/** A job is held back while it is suspended, or may run no pod. */
export function jobHold(job: Job): HeldPods {
  const { parallelism = 1, completions, suspend } = job.spec ?? {};
  const over = job.status?.conditions?.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  const left = completions === undefined ? Infinity : completions - (job.status?.succeeded ?? 0);
  const desired = Math.max(0, Math.min(parallelism, left));
  if (over === true) return { desired };
  if (suspend === true)
    return { desired, hold: { kind: 'nothing', text: 'the job is suspended, so it does not run' } };
  return parallelism === 0
    ? { desired, hold: { kind: 'nothing', text: 'the job may run 0 pods at once' } }
    : { desired };
}
