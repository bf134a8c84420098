import {
  isMade,
  KubeError,
  readWorkload,
  workloadPath,
  type KubeClient,
  type KubeObject,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import { createListConfirmation, type ListConfirmation } from './list-confirmation.ts';
import { watchWorkload, type KnownWorkload, type WatchedWorkload } from './watched-workload.ts';
import type { WorkloadReads } from './workload-reads.ts';

/**
 * A watch that is silent may be one whose connection has died: whether the server still answers, and with what the
 * watch told, is asked this often.
 */
const confirmedForMs = 5_000;
/** A watch that was refused is tried again after this time: a server also refuses by mistake. */
const refusedForMs = 60_000;

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** What is known of one workload. */
interface Sight {
  watch: WatchedWorkload | undefined;
  /** When the server last vouched for what the watch told, in milliseconds since 1970. */
  confirmedMs: number;
  /** What the watch told when the server told something else. */
  doubted: KnownWorkload | undefined;
  /** That it may not be watched has been said. */
  said: boolean;
}

const isMissing = (error: unknown): boolean => error instanceof KubeError && error.status === 404;

async function readNow(client: KubeClient, ref: WorkloadRef): Promise<Workload | undefined> {
  return await readWorkload(client, ref).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** The version that the server has of it; undefined when it is not there. */
async function versionNow(client: KubeClient, ref: WorkloadRef): Promise<string | undefined> {
  const object = await client.get<KubeObject>(workloadPath(ref)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return object?.metadata?.resourceVersion;
}

/** Asks the server whether `known` still holds; one that does not, twice on end, is watched anew. */
async function confirm(
  { client, clock }: Ports,
  ref: WorkloadRef,
  sight: Sight,
  known: KnownWorkload,
): Promise<void> {
  if (clock.now() - sight.confirmedMs < confirmedForMs) return;
  const version = await versionNow(client, ref);
  const isNews = sight.watch?.known() !== known;
  if (isNews || version === known.workload?.metadata.resourceVersion) {
    sight.confirmedMs = clock.now();
    sight.doubted = undefined;
  } else if (sight.doubted === known) sight.watch?.restart();
  else sight.doubted = known;
}

/** Has what tells the revisions watched anew when their watch has died. */
async function confirmRevisions(confirmation: ListConfirmation, { watch }: Sight): Promise<void> {
  const revisions = watch?.revisions();
  if (revisions === undefined) return;
  if (await confirmation.isStale(revisions.key, revisions.list)) watch?.restart();
}

/** Says once that the workload may not be watched, and lets it be tried again later. */
async function noteRefusal({ clock, log }: Ports, ref: WorkloadRef, sight: Sight): Promise<void> {
  const refusal = sight.watch?.refusal();
  if (refusal === undefined) return;
  if (!sight.said)
    log.info(
      `${ref.kind}/${ref.name} may not be watched, so it is read at each look: ${refusal.error.message}`,
    );
  sight.said = true;
  if (clock.now() - refusal.atMs < refusedForMs) return;
  await sight.watch?.stop();
  sight.watch = undefined;
}

/**
 * Reads of workloads that are watched from the first one on. `onState` is called with each state that a watch tells,
 * in order; a read tells what the watch told last. While a watch is broken off or refused, it asks the server.
 */
export function createWorkloadSight(
  ports: Ports,
  onState: (ref: WorkloadRef, workload: Workload | undefined) => void,
): WorkloadReads {
  const { client, clock } = ports;
  const all = new Map<string, Sight>();
  const confirmation = createListConfirmation(ports);
  const sightOf = ({ namespace, kind, name }: WorkloadRef): Sight => {
    const key = `${namespace}/${kind}/${name}`;
    const sight = all.get(key) ?? {
      watch: undefined,
      confirmedMs: -Infinity,
      doubted: undefined,
      said: false,
    };
    all.set(key, sight);
    return sight;
  };
  return {
    read: async (ref) => {
      if (!isMade(ref)) return await readNow(client, ref);
      const sight = sightOf(ref);
      await noteRefusal(ports, ref, sight);
      sight.watch ??= watchWorkload(ports, ref, (known) => {
        if (known === undefined) return;
        sight.confirmedMs = clock.now();
        onState(ref, known.workload);
      });
      const known = sight.watch.known();
      if (known !== undefined) {
        await confirm(ports, ref, sight, known);
        await confirmRevisions(confirmation, sight);
      }
      // An answer may be older than what the watch told meanwhile.
      const read = sight.watch.known() === undefined ? await readNow(client, ref) : undefined;
      const told = sight.watch.known();
      return told === undefined ? read : told.workload;
    },
    stop: async () => {
      await Promise.all([...all.values()].flatMap(({ watch }) => watch?.stop() ?? []));
    },
  };
}
