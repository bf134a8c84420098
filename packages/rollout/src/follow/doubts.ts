import {
  crashHint,
  KubeError,
  missingThing,
  readEvents,
  readLogTail,
  type KubeClient,
} from '@slipway/kube';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { causeKind, endsOf, outputKey, statusOf, type RolloutState } from '../judge/index.ts';
import { record, uidsInDoubt, type FollowedRollout } from './followed-rollout.ts';
import { findMakers } from './makers.ts';

/** Events are read no more often than this. */
const eventsEveryMs = 1_000;
/** Who makes what is missing is asked for no more often than this. */
const makersEveryMs = 5_000;
/** The longest time between two readings where nothing happens. */
const seldomMs = 30_000;
/** Crashes whose output is read at most: pods of one revision crash alike. */
const outputsAtMost = 3;

/** When what was last read of a namespace, in milliseconds since 1970, and which outputs. */
export interface DoubtsRead {
  eventsMs: Map<string, number>;
  makersMs: Map<string, number>;
  /** Each end of a container whose output was read. */
  outputs: Set<string>;
  /** When something last happened in a namespace, in milliseconds since 1970. */
  changedMs: Map<string, number>;
  /** Whether one reads the less often the longer nothing happens. */
  sparing: boolean;
}

/** Nothing has been read yet. */
export function noDoubtsRead(sparing: boolean): DoubtsRead {
  return {
    eventsMs: new Map(),
    makersMs: new Map(),
    outputs: new Set(),
    changedMs: new Map(),
    sparing,
  };
}

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
}

/** Whether it is time to read `what` again, at most every `everyMs`; notes it then. */
function isDue(
  read: DoubtsRead,
  what: 'eventsMs' | 'makersMs',
  namespace: string,
  time: { nowMs: number; everyMs: number },
): boolean {
  const { nowMs, everyMs } = time;
  const lastMs = read[what].get(namespace) ?? -Infinity;
  const changedMs = read.changedMs.get(namespace) ?? -Infinity;
  const quietMs = read.sparing ? nowMs - changedMs : 0;
  // What happened since the last reading may have said something at once.
  const waitMs = changedMs > lastMs ? everyMs : Math.max(everyMs, Math.min(seldomMs, quietMs / 2));
  if (nowMs - lastMs < waitMs) return false;
  read[what].set(namespace, nowMs);
  return true;
}

async function readEventsOf(
  { client, clock, log }: Ports,
  read: DoubtsRead,
  namespace: string,
  looked: readonly FollowedRollout[],
): Promise<void> {
  const nowMs = clock.now();
  const uids = looked.flatMap(({ state }) => uidsInDoubt(state, nowMs));
  if (uids.length === 0 || !isDue(read, 'eventsMs', namespace, { nowMs, everyMs: eventsEveryMs }))
    return;
  const events = await readEvents(client, namespace, new Set(uids)).catch((error: unknown) => {
    if (!(error instanceof KubeError)) throw error;
    log.debug(`Events of ${namespace} cannot be read: ${errorMessage(error)}`);
    return undefined;
  });
  if (events === undefined) return;
  for (const followed of looked) {
    const mine = new Set(uidsInDoubt(followed.state, nowMs));
    const about = events.filter(({ object }) => mine.has(object.uid));
    record(followed, { kind: 'events', atMs: clock.now(), events: about });
  }
}

/** The Secrets that are missing by what is wrong now, or by events about pull secrets. */
function missingSecrets({ troubles, events }: RolloutState): string[] {
  const causes = [...troubles.values()].map(({ cause }) => cause);
  const pulls = events.filter(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
  return [...causes, ...pulls].flatMap((said) => {
    const thing = missingThing(said);
    return thing?.kind === 'Secret' ? [thing.name] : [];
  });
}

async function readMakersOf(
  { client, clock }: Ports,
  read: DoubtsRead,
  namespace: string,
  looked: readonly FollowedRollout[],
): Promise<void> {
  const names = new Set(looked.flatMap(({ state }) => missingSecrets(state)));
  const time = { nowMs: clock.now(), everyMs: makersEveryMs };
  if (names.size === 0 || !isDue(read, 'makersMs', namespace, time)) return;
  const { makers, unread } = await findMakers(client, namespace, names);
  for (const followed of looked)
    if (missingSecrets(followed.state).length > 0)
      record(followed, { kind: 'makers', atMs: clock.now(), makers, unread });
}

interface Ended {
  podUid: string;
  pod: string;
  container: string;
  exitCode: number;
  /** The runtime could not start it. */
  neverRan: boolean;
  /** What it, or the runtime, left to be read without its log. */
  message: string;
}

/** Containers that crash, with an end whose output has not been read; notes that it is read now. */
function unreadEnds({ troubles, pods }: RolloutState, read: DoubtsRead): Ended[] {
  const crashes = [...troubles.values()].filter(({ cause }) => causeKind(cause) === 'crash');
  return crashes.slice(0, outputsAtMost).flatMap(({ cause, podUid = '' }): Ended[] => {
    const { container } = cause;
    const pod = pods.get(podUid)?.pod;
    if (pod === undefined || container === undefined) return [];
    const { count } = endsOf(pod, container);
    const { state, lastState } = statusOf(pod, container) ?? {};
    const end = `${outputKey(podUid, container)}|${count}`;
    if (count === 0 || state?.running !== undefined || read.outputs.has(end)) return [];
    read.outputs.add(end);
    const ended = state?.terminated ?? lastState?.terminated;
    const { exitCode = 0, message = '', reason = '' } = ended ?? {};
    const neverRan = /^(StartError|ContainerCannotRun)$/.test(reason);
    return [{ podUid, pod: pod.metadata?.name ?? '', container, exitCode, message, neverRan }];
  });
}

async function readOutputsOf(
  { client, clock }: Ports,
  read: DoubtsRead,
  followed: FollowedRollout,
): Promise<void> {
  const { namespace } = followed.ref;
  const ended = unreadEnds(followed.state, read);
  await Promise.all(
    ended.map(async ({ podUid, pod, container, exitCode, message, neverRan }) => {
      const tail = await readLogTail(client, { namespace, pod, container }).catch(() => undefined);
      const hint = crashHint(`${tail ?? ''}\n${message}`, exitCode);
      const says = hint ?? (neverRan ? 'program' : 'unclear');
      record(followed, { kind: 'output', atMs: clock.now(), podUid, container, says });
    }),
  );
}

/**
 * Reads what tells more about pods that do not serve: events, who makes what they lack, and what containers
 * printed before they ended. What may not be read is left out.
 */
export async function readDoubts(
  ports: Ports,
  read: DoubtsRead,
  namespace: string,
  looked: readonly FollowedRollout[],
): Promise<void> {
  await readEventsOf(ports, read, namespace, looked);
  await Promise.all([
    readMakersOf(ports, read, namespace, looked),
    ...looked.map((followed) => readOutputsOf(ports, read, followed)),
  ]);
}
