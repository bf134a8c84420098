import type { Cause } from './cause.ts';
import type { KubeEvent, Pod } from '../client/index.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
const createReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
]);
/** What registries say when the image or the right to it is missing, so that waiting cannot help. */
const pullIsFinal =
  /not found|manifest unknown|name unknown|repository does not exist|no such host|no match for platform|unauthorized|authorization failed|denied|403 Forbidden|invalid reference/i;

/** An outage, whatever the page that tells of it says besides. */
const pullMayPass =
  /\b(?:429|5\d\d) (?:Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/i;

const signalNames: Readonly<Record<number, string>> = {
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/** `exit code 137 (SIGKILL)`, and what a first look should be at. */
export function exitText(ended: Terminated): string {
  const { exitCode } = ended;
  const signal = ended.signal ?? (exitCode > 128 ? exitCode - 128 : undefined);
  const name = signal === undefined ? undefined : (signalNames[signal] ?? `signal ${signal}`);
  const started = Date.parse(ended.startedAt ?? '');
  const finished = Date.parse(ended.finishedAt ?? '');
  const seconds = Math.round((finished - started) / 1000);
  const after =
    Number.isFinite(seconds) && seconds >= 0 && started > 0 ? ` after ${seconds} s` : '';
  return `exit code ${exitCode}${name === undefined ? '' : ` (${name})`}${after}`;
}

function newest(events: readonly KubeEvent[], pattern: RegExp): KubeEvent | undefined {
  return events.find((event) => pattern.test(event.message));
}

function pullMessage(
  reason: string,
  said: string,
  image: string,
  events: readonly KubeEvent[],
): string {
  // Before 1.31 the back-off does not repeat what the registry said; the event does.
  const detail = /^Back-off pulling image \S+$/.test(said)
    ? newest(
        events.filter((event) => event.reason === 'Failed'),
        /pull/i,
      )?.message
    : undefined;
  const text = (detail ?? said).replace(/^Back-off pulling image "[^"]*": (\w+: )?/, '');
  return text === '' ? `${image} could not be pulled (${reason})` : text;
}

function memoryLimit(pod: Pod, container: string): string | undefined {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
    ({ name }) => name === container,
  )?.resources?.limits?.['memory'];
}

/**
 * Why the kubelet killed this run of the container, undefined when it ended by itself. A probe that
 * merely failed proves nothing: it fails also because the process is gone. The kubelet's own Killing
 * event does, when it is of this run; events have whole seconds.
 */
function probeKill(
  status: ContainerStatus,
  ended: Terminated,
  events: readonly KubeEvent[],
): KubeEvent | undefined {
  if (status.state?.running !== undefined) return undefined;
  const startedMs = Date.parse(ended.startedAt ?? '') || 0;
  const ofThisRun = events.filter(
    ({ lastMs, object }) =>
      lastMs >= startedMs && (object.fieldPath ?? `{${status.name}}`).includes(`{${status.name}}`),
  );
  const killing = newest(
    ofThisRun.filter(({ reason }) => reason === 'Killing'),
    /failed (liveness|startup) probe/i,
  );
  if (killing === undefined) return undefined;
  const probe = newest(
    ofThisRun.filter(({ reason }) => reason === 'Unhealthy'),
    /(liveness|startup) probe failed/i,
  );
  return probe ?? killing;
}

/** Whether the kubelet killed this run because of its postStart hook. What the hook said is in no event. */
function postStartFailed(
  { name }: ContainerStatus,
  ended: Terminated,
  events: readonly KubeEvent[],
): boolean {
  const startedMs = Date.parse(ended.startedAt ?? '') || 0;
  return events.some(
    ({ reason, lastMs, object }) =>
      reason === 'FailedPostStartHook' &&
      lastMs >= startedMs &&
      (object.fieldPath ?? `{${name}}`).includes(`{${name}}`),
  );
}

function endedCause(
  pod: Pod,
  status: ContainerStatus,
  ended: Terminated,
  events: readonly KubeEvent[],
): Omit<Cause, 'object' | 'container'> {
  const restarts = status.restartCount;
  const times = restarts === 0 ? '' : `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`;
  const recovery = restarts >= 2 || status.state?.waiting !== undefined ? 'unlikely' : 'possible';
  if (ended.reason === 'OOMKilled') {
    const limit = memoryLimit(pod, status.name);
    const more = limit === undefined ? 'the memory there was' : `its memory limit of ${limit}`;
    return {
      reason: 'OOMKilled',
      message: `used more than ${more} (${exitText(ended)}${times})`,
      recovery: 'unlikely',
    };
  }
  const killed = probeKill(status, ended, events);
  if (killed !== undefined)
    return {
      reason: 'LivenessProbeFailed',
      message: `was killed: ${killed.message.trim()} (${exitText(ended)}${times})`,
      recovery,
    };
  if (postStartFailed(status, ended, events))
    return {
      reason: 'PostStartHookError',
      message: `was killed because its postStart hook failed (${exitText(ended)}${times})`,
      recovery,
    };
  const said = ended.message?.trim();
  const reason =
    status.state?.waiting?.reason === 'CrashLoopBackOff'
      ? 'CrashLoopBackOff'
      : (ended.reason ?? 'Error');
  return {
    reason,
    message: `ends with ${exitText(ended)}${times}${said === undefined || said === '' ? '' : `: ${said}`}`,
    recovery,
  };
}

/** The end that keeps the container from running: of now, or of its run before when it came to nothing. */
function badEnd({
  state,
  lastState,
  restartCount,
  ready,
}: ContainerStatus): Terminated | undefined {
  const { waiting, terminated } = state ?? {};
  if (terminated !== undefined && terminated.exitCode !== 0) return terminated;
  const cameToNothing = waiting !== undefined || (restartCount > 0 && !ready);
  return cameToNothing ? lastState?.terminated : undefined;
}

/**
 * What is wrong with one container by its status, undefined when nothing is. `events` are the pod's,
 * newest first; they add what a status leaves out.
 */
export function containerCause(
  pod: Pod,
  status: ContainerStatus,
  events: readonly KubeEvent[],
  init: boolean,
): Omit<Cause, 'object'> | undefined {
  const container = status.name;
  const { waiting, terminated } = status.state ?? {};
  const prefix = init ? 'the init container ' : '';
  const reason = waiting?.reason ?? '';
  if (pullReasons.has(reason)) {
    const message = pullMessage(reason, waiting?.message ?? '', status.image, events);
    const answered = pullIsFinal.test(message) && !pullMayPass.test(message);
    const final = reason === 'InvalidImageName' || reason === 'ErrImageNeverPull' || answered;
    return { reason, container, message, recovery: final ? 'never' : 'possible' };
  }
  if (createReasons.has(reason))
    return {
      reason,
      container,
      message: waiting?.message ?? 'no detail was given',
      recovery: 'unlikely',
    };
  const ended = badEnd(status);
  if (ended !== undefined) {
    const cause = endedCause(pod, status, ended, events);
    return { ...cause, container, message: prefix + cause.message };
  }
  // A service that ends with code 0 is restarted as well, and is as little use.
  if (!init && terminated !== undefined && pod.spec?.restartPolicy === 'Always')
    return {
      reason: 'Completed',
      container,
      message: `ends with ${exitText(terminated)}`,
      recovery: 'possible',
    };
  return undefined;
}
