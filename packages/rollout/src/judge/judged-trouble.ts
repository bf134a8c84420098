import {
  isCurrentPod,
  missingThing,
  sortCauses,
  type Cause,
  type CrashHint,
  type KubeEvent,
} from '@slipway/kube';
import type { Maker, PodRecord } from '../history/index.ts';
import { endsOf, statusOf, type Ends } from './crash.ts';
import { causeKind, patienceWith, type MissingPart, type Surroundings } from './patience.ts';
import { outputKey, type RolloutState, type Trouble } from './rollout-state.ts';
import type { Temper } from './temper.ts';

/** A trouble, and how long one of its kind may last. */
export interface JudgedTrouble extends Trouble {
  /** Milliseconds from `sinceMs`; undefined for as long as the caller's own deadline allows. */
  allowedMs: number | undefined;
}

type Around = Pick<Surroundings, 'readyPods' | 'endingPods' | 'hasServed' | 'temper'>;

interface Missing {
  part: MissingPart;
  maker: Maker | undefined;
}

/** What a cause says is missing, and who makes it. A registry that denies may lack a pull secret only. */
function missingOf(
  state: RolloutState,
  cause: Cause,
  events: readonly KubeEvent[],
): Missing | undefined {
  const denied =
    causeKind(cause) === 'pull' &&
    /unauthorized|denied|authorization|forbidden/i.test(cause.message)
      ? events.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret')
      : undefined;
  const lacks = /^(CreateContainerConfigError|FailedMount)$/.test(cause.reason);
  const thing = denied === undefined && !lacks ? undefined : missingThing(denied ?? cause);
  if (thing === undefined) return undefined;
  const { kind, name, keyOnly } = thing;
  const maker = state.makers.find(({ makes }) => makes.kind === kind && makes.name === name);
  const isUnread = state.unreadMakers.length > 0 && kind === 'Secret';
  return { part: { kind, keyOnly, isMade: maker !== undefined, isUnread }, maker };
}

function withMaker(cause: Cause, maker: Maker | undefined): Cause {
  if (maker === undefined) return cause;
  const { makes, object, says } = maker;
  const why = says === undefined ? '' : ` (${says})`;
  const what = `${makes.kind} ${makes.name}`;
  return { ...cause, message: `${cause.message}; ${object} is to make the ${what}${why}` };
}

/** Ends of the same kind in all pods of a job, which makes a new pod for each try. */
function endsOfJob(pods: readonly PodRecord[], record: PodRecord, container: string): Ends {
  const endOf = ({ pod }: PodRecord) => {
    const { state, lastState } = statusOf(pod, container) ?? {};
    return state?.terminated ?? lastState?.terminated;
  };
  const end = endOf(record);
  const alike = pods.filter((one) => {
    const other = endOf(one);
    return other?.exitCode === end?.exitCode && other?.reason === end?.reason;
  });
  const times = (texts: readonly (string | undefined)[]): number[] =>
    texts.map((text) => Date.parse(text ?? '')).filter((ms) => !Number.isNaN(ms));
  const began = times(alike.map(({ pod }) => pod.status?.startTime));
  const ended = times(alike.map((one) => endOf(one)?.finishedAt));
  return {
    count: alike.reduce((sum, { pod }) => sum + endsOf(pod, container).count, 0),
    spanMs:
      began.length === 0 || ended.length === 0
        ? undefined
        : Math.max(...ended) - Math.min(...began),
    underWay: false,
  };
}

/** How often the container of a crash has ended, where that says something about its rollout. */
function endsOfCrash(
  state: RolloutState,
  trouble: Trouble,
  record: PodRecord | undefined,
  { countsJobs }: Temper,
): Ends {
  const { container } = trouble.cause;
  const none: Ends = { count: 0, spanMs: undefined, underWay: false };
  if (record === undefined || container === undefined) return none;
  const { workload } = state;
  if (workload?.ref.kind === 'job') {
    // A job of the same name that was there before had pods of its own.
    const own = [...state.pods.values()].filter(({ pod }) => isCurrentPod(workload, pod));
    return countsJobs ? endsOfJob(own, record, container) : none;
  }
  // A pod that is never restarted is over: whoever waits for it says so.
  return record.pod.spec?.restartPolicy === 'Never' ? none : endsOf(record.pod, container);
}

function counted(cause: Cause, { count }: Ends, state: RolloutState): Cause {
  const { ref } = state.workload ?? {};
  if (ref?.kind !== 'job' || causeKind(cause) !== 'crash' || count < 2) return cause;
  return { ...cause, message: `${cause.message}; so it went ${count} times in job/${ref.name}` };
}

/** What is wrong now with how long it may last, that which waiting will not mend first. */
export function judgeTroubles(state: RolloutState, around: Around): JudgedTrouble[] {
  const judged = [...state.troubles.values()].map((trouble): JudgedTrouble => {
    const { cause, podUid = '' } = trouble;
    const record = state.pods.get(podUid);
    const events = state.events.filter(({ object }) => object.uid === podUid);
    const said = state.outputs[outputKey(podUid, cause.container ?? '')];
    const hint: CrashHint | undefined = said === 'unclear' ? undefined : said;
    const missing = missingOf(state, cause, events);
    const ends = endsOfCrash(state, trouble, record, around.temper);
    const pod = record?.pod;
    const near = { ...around, pod, events, ends, hint, missing: missing?.part };
    const told = withMaker(counted(cause, ends, state), missing?.maker);
    return { ...trouble, cause: told, allowedMs: patienceWith(cause, near) };
  });
  const order = sortCauses(judged.map(({ cause }) => cause));
  return judged.sort((a, b) => order.indexOf(a.cause) - order.indexOf(b.cause));
}
