import {
  KubeError,
  workloadPath,
  type KubeClient,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import { observeRollouts, rolloutTruth, type PodRecord, type RolloutTruth } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import {
  lackingRights,
  podFinding,
  probeFinding,
  rolloutFinding,
  supersededRevision,
} from '../findings/index.ts';
import type { Finding } from '../judge/index.ts';
import { createProber, ownProbePaths, type ProbeRequest } from './prober.ts';
import { missingRights } from './rights.ts';

/** What is looked at in the cluster. */
export interface ClusterRequest {
  workload: WorkloadRef;
  /** HTTP paths to ask; `auto` takes those that the kubelet asks. */
  probePaths: readonly string[] | 'auto';
  probes: ProbeRequest;
}

/** Looks at the rollout, the pods and their answers; remembers earlier looks. */
export interface ClusterObserver {
  /** Throws KubeError when the API server does not answer or does not let us. */
  look(time: { elapsedMs: number; deadlineMs: number }): Promise<readonly Finding[]>;
  /** The pods of the current revision, those that left included. */
  pods(): readonly PodRecord[];
  workload(): Workload | undefined;
  /** How long all has been well without a break; 0 when it is not so now. */
  soakedMs(): number;
  /** Whether any look was answered. */
  everSeen(): boolean;
  stop(): Promise<void>;
}

/** A gap in what was seen that ends a soak. */
const gapMs = 10_000;

/** How long all has been well without a break. */
interface Soak {
  beganMs: number | undefined;
  seenMs: number | undefined;
}

/** The soak after one more look: a break in what was well, or in what was seen, begins it anew. */
function soakAfter(soak: Soak, well: boolean, nowMs: number): Soak {
  const unbroken = soak.seenMs !== undefined && nowMs - soak.seenMs <= gapMs;
  const beganMs = unbroken ? (soak.beganMs ?? nowMs) : nowMs;
  return { beganMs: well ? beganMs : undefined, seenMs: nowMs };
}

function absent({ kind, name, namespace }: WorkloadRef): KubeError {
  return new KubeError(`There is no ${kind}/${name} in namespace ${namespace}.`, {
    status: 404,
    reason: 'NotFound',
    path: workloadPath({ kind, name, namespace }),
  });
}

/** An observer of one workload. Stop it when done: it watches in the background. */
export function createClusterObserver(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  request: ClusterRequest,
): ClusterObserver {
  const { client, clock, log } = ports;
  const ref = request.workload;
  const prober = createProber(client, request.probes);
  const rollout = observeRollouts(ports, { refs: [ref], wholeNamespace: false });
  const workload = (): Workload | undefined => rollout.state(ref).workload;
  const truth = (): RolloutTruth | undefined => rolloutTruth(rollout.state(ref), clock.now());
  let revision: string | undefined;
  let soak: Soak = { beganMs: undefined, seenMs: undefined };
  let rightsKnown = false;

  const rightsFinding = async (): Promise<Finding | undefined> => {
    if (rightsKnown) return undefined;
    const { needed, helpful } = await missingRights(client, ref);
    rightsKnown = true;
    if (helpful.length > 0)
      log.info(`Causes may stay unnamed: these credentials lack ${helpful.join(', ')}.`);
    return needed.length > 0 ? lackingRights(needed, ref.namespace) : undefined;
  };

  const probe = async (present: readonly PodRecord[], template: Workload['template']) => {
    const askable = present.filter(({ everReady }) => everReady).map(({ pod }) => pod);
    const paths = request.probePaths === 'auto' ? ownProbePaths(template) : request.probePaths;
    await prober.probe(askable, paths);
    const probes = paths.map((path) => {
      const records = prober.records(path, askable);
      const finding = probeFinding(path, records, present.length);
      // A probe that cannot see says nothing against the pods, so it does not hold up their soak.
      const answered = finding.state === 'blind' || records.every(({ inARow }) => inARow === 0);
      return { finding, answered };
    });
    return {
      findings: probes.map(({ finding }) => finding),
      answered: probes.every(({ answered }) => answered),
    };
  };

  const look: ClusterObserver['look'] = async (time) => {
    const lacking = await rightsFinding();
    if (lacking !== undefined) return [lacking];
    await rollout.look();
    const fresh = workload();
    const before = truth();
    if (fresh === undefined || before === undefined) throw absent(ref);
    if (revision !== undefined && fresh.revision !== undefined && fresh.revision !== revision)
      return [supersededRevision(revision, fresh.revision)];
    revision = fresh.revision ?? revision;
    const probes = await probe(before.present, fresh.template);
    // Probing takes its time: the pods are judged by what is known of them after it.
    const now = truth() ?? before;
    const nowMs = clock.now();
    soak = soakAfter(soak, now.steady && probes.answered, nowMs);
    return [rolloutFinding(now, { ...time, nowMs }), podFinding(now), ...probes.findings];
  };

  return {
    look,
    pods: () => truth()?.pods ?? [],
    workload,
    soakedMs: () => (soak.beganMs === undefined ? 0 : clock.now() - soak.beganMs),
    everSeen: () => soak.seenMs !== undefined,
    stop: () => rollout.stop(),
  };
}
