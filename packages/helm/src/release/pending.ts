import { ActionError, formatDuration } from '@slipway/runtime';
import { KubeError } from '@slipway/kube';
import { isPending } from './record.ts';
import type { ReleaseStore, StoredRevision } from './store.ts';
import type { ReleasePorts } from './ports.ts';

/**
 * A pending revision whose maker cannot be asked counts as left behind after this: twice Helm's default
 * timeout, since a rollback gets a timeout of its own.
 */
const foreignPatienceMs = 600_000;
/**
 * A Helm that finds everything there ends within seconds (it looks every 2 s): when a revision is still
 * pending after this, whoever made it is gone.
 */
const idleForMs = 15_000;
const checkEveryMs = 3_000;

/** Tells since when nothing has been left to do for the Helm that holds a revision. */
function createIdleness({ clock, log }: Pick<ReleasePorts, 'clock' | 'log'>, probe: Probe) {
  let checkedMs = -Infinity;
  let sinceMs: number | undefined;
  return async (revision: StoredRevision): Promise<boolean> => {
    if (probe === undefined) return false;
    const nowMs = clock.now();
    if (nowMs - checkedMs >= checkEveryMs) {
      checkedMs = nowMs;
      const idle = await probe(revision).catch((error: unknown) => {
        if (!(error instanceof KubeError)) throw error;
        log.debug(`What revision ${revision.revision} lacks cannot be read: ${error.message}`);
        return false;
      });
      sinceMs = idle ? (sinceMs ?? nowMs) : undefined;
    }
    return sinceMs !== undefined && nowMs - sinceMs >= idleForMs;
  };
}

type Probe = ((revision: StoredRevision) => Promise<boolean>) | undefined;

/**
 * Makes sure that no revision is pending, so that Helm will work. Helm's own lock has no owner and no
 * end. With the lock of the release in hand (`deadHolder` is who held it and died) the pending revision
 * is nobody's and is marked failed at once, which keeps Helm's record of what was applied. One that some
 * other Helm left is waited for, and taken as left behind when it is older than 10 minutes, or when for 15 s
 * nothing has been left for that Helm to do (`isCarriedOut`). Throws ActionError when neither is so and
 * `deadlineMs` comes.
 */
export async function recoverPending(
  ports: Pick<ReleasePorts, 'clock' | 'log' | 'signal'>,
  store: ReleaseStore,
  options: { ours: boolean; deadlineMs: number; isCarriedOut?: Probe },
): Promise<{ history: readonly StoredRevision[]; recovered: number | undefined }> {
  const { clock, log, signal } = ports;
  const isIdle = createIdleness(ports, options.isCarriedOut);
  let announced = false;
  for (;;) {
    const history = await store.history();
    const newest = history[0];
    if (newest === undefined || !isPending(newest.status)) return { history, recovered: undefined };
    const startedMs = Date.parse(newest.record.info.last_deployed ?? '');
    const ageMs = Number.isNaN(startedMs) ? foreignPatienceMs : clock.now() - startedMs;
    const what = `revision ${newest.revision} of ${store.release} (${newest.status} since ${formatDuration(Math.max(0, ageMs))})`;
    if (options.ours || ageMs >= foreignPatienceMs || (await isIdle(newest))) {
      log.info(
        `Recovering ${what}: ${options.ours ? 'the job that worked on it is dead' : 'nobody finishes it'}`,
      );
      try {
        await store.mark(newest, 'failed', `Failed: left ${newest.status} by a job that died`);
      } catch (error) {
        if (error instanceof KubeError && error.reason === 'Conflict') continue;
        throw error;
      }
      return { history: await store.history(), recovered: newest.revision };
    }
    if (clock.now() >= options.deadlineMs)
      throw new ActionError(
        `Another Helm holds ${what}; it was waited for, and it did not end in time.`,
        {
          title: 'Release is pending',
          next:
            'If nobody works on it any more, run again 10 minutes after it began (it is recovered then), ' +
            `or roll back by hand: helm rollback ${store.release} -n ${store.namespace}.`,
        },
      );
    if (!announced) log.info(`Waiting for another Helm, which holds ${what}`);
    announced = true;
    await clock.sleep(Math.min(2_000, Math.max(100, options.deadlineMs - clock.now())), signal);
  }
}
