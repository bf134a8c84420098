import { withLogTail, type Cause, type KubeClient } from '@slipway/kube';
import {
  lastingTroubles,
  progressLine,
  rolloutTruth,
  type FailFast,
  type ProgressLog,
  type RolloutObserver,
  type RolloutState,
  type RolloutTruth,
  type Temper,
} from '@slipway/rollout';
import type { Clock } from '@slipway/runtime';
import type { AccountMending } from './service-account.ts';
import type { RolloutTarget } from './targets.ts';
import type { Unsticking } from './unsticking.ts';
import { withUnboundClaim } from './waited-objects.ts';

/** Added for a workload that the upgrade did not change: it may have been ill before. */
const unchangedMoreMs = 60_000;

/** What is looked at, and what is known of it. */
export interface Following {
  request: {
    kube: KubeClient;
    clock: Clock;
    progress: ProgressLog;
    targets: readonly RolloutTarget[];
    /** Whether Helm has applied everything. */
    applied: () => boolean;
    failFast: FailFast;
  };
  observer: RolloutObserver;
  unsticking: Unsticking;
  accounts: AccountMending;
  settled: Set<RolloutTarget>;
}

/** Targets that are not where they are to come. */
export const unsettled = ({ request, settled }: Following): RolloutTarget[] =>
  request.targets.filter((target) => !settled.has(target));

/** Whether the target is still as it was before Helm began. */
function isUntouched(target: RolloutTarget, { workload }: RolloutState): boolean {
  const { before, hook } = target;
  return (
    before !== undefined &&
    workload?.metadata.uid === before.uid &&
    (hook || (workload.metadata.generation ?? 0) === before.generation)
  );
}

/** Whether a target is on its way up without a sign that it would not come. */
function isStarting({ observer, request }: Following, { ref, hook }: RolloutTarget): boolean {
  if (hook || ref.kind === 'job') return false;
  const truth = rolloutTruth(observer.state(ref), request.clock.now());
  const crashes = truth?.troubles.some(({ cause }) => cause.recovery !== 'possible');
  return truth !== undefined && !truth.done && !truth.wasDone && crashes !== true;
}

/** Whether the target is there for the first time; hooks are made anew each time, so the release tells for them. */
function isNew({ request }: Following, target: RolloutTarget): boolean {
  const lasting = request.targets.filter(({ hook }) => !hook);
  return target.hook
    ? lasting.length > 0 && lasting.every(({ before }) => before === undefined)
    : target.before === undefined;
}

function temperFor(following: Following, target: RolloutTarget): Temper {
  return {
    failFast: following.request.failFast,
    isNew: isNew(following, target),
    othersStart: unsettled(following).some(
      (other) => other !== target && isStarting(following, other),
    ),
    countsJobs: true,
  };
}

/** What is true of a target; undefined while it is not there. */
export function truthOf(following: Following, target: RolloutTarget): RolloutTruth | undefined {
  const { observer, request } = following;
  const state = observer.state(target.ref);
  return rolloutTruth(state, request.clock.now(), temperFor(following, target));
}

/** Why the target counts as broken; undefined while there is hope. */
function brokenBy(following: Following, target: RolloutTarget): Cause | undefined {
  const { clock, failFast } = following.request;
  const truth = truthOf(following, target);
  if (truth === undefined || failFast === 'off') return undefined;
  const moreMs = target.changed ? 0 : unchangedMoreMs;
  const [lasting] = lastingTroubles(truth, clock.now(), moreMs);
  if (lasting !== undefined) return lasting.cause;
  return target.changed && !target.hook ? truth.gaveUp : undefined;
}

/** The cause with what may be read about it besides. */
export async function explained(
  { request }: Following,
  { ref }: RolloutTarget,
  cause: Cause,
): Promise<Cause> {
  const { kube } = request;
  return await withLogTail(kube, ref.namespace, await withUnboundClaim(kube, ref.namespace, cause));
}

/** Looks at one target; gives why it is broken. */
async function lookAt(following: Following, target: RolloutTarget): Promise<Cause | undefined> {
  const { request, observer, settled, unsticking, accounts } = following;
  const { ref, hook, changed, onDelete } = target;
  const state = observer.state(ref);
  const truth = truthOf(following, target);
  const waits = changed && isUntouched(target, state) && (hook || !request.applied());
  if (truth === undefined || waits) return undefined;
  await unsticking.free(target, state);
  if (!hook) await accounts.mend(target, truth);
  if (onDelete) {
    // Until its controller has seen the change nobody knows which pods are left over.
    if (state.workload?.replacement !== undefined) settled.add(target);
    return undefined;
  }
  if (!hook) request.progress.tell(ref.name, progressLine(truth), truth.status.done);
  const cause = brokenBy(following, target);
  if (cause !== undefined) return await explained(following, target, cause);
  if (request.applied() && !hook && truth.status.done) settled.add(target);
  return undefined;
}

/** Looks at every open target once: why one is broken, or that all are ready. */
export async function look(following: Following): Promise<Cause | 'ready' | undefined> {
  const { request, observer } = following;
  const open = unsettled(following);
  await observer.look(open.map(({ ref }) => ref));
  for (const target of open) {
    const cause = await lookAt(following, target);
    if (cause !== undefined) return cause;
  }
  const rest = unsettled(following).filter(({ hook }) => !hook);
  return request.applied() && rest.length === 0 ? 'ready' : undefined;
}
