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
 * Makes sure that no revision is pending, so that Helm will work. Helm's own lock has no owner and no
 * end. With the lock of the release in hand (`deadHolder` is who held it and died) the pending revision
 * is nobody's and is marked failed at once, which keeps Helm's record of what was applied. One that some
 * other Helm left is waited for, and taken as left behind when it is older than 10 minutes. Throws
 * ActionError when it is younger and `deadlineMs` comes.
 */
export async function recoverPending(
  ports: Pick<ReleasePorts, 'clock' | 'log' | 'signal'>,
  store: ReleaseStore,
  options: { ours: boolean; deadlineMs: number },
): Promise<{ history: readonly StoredRevision[]; recovered: number | undefined }> {
  const { clock, log, signal } = ports;
  let announced = false;
  for (;;) {
    const history = await store.history();
    const newest = history[0];
    if (newest === undefined || !isPending(newest.status)) return { history, recovered: undefined };
    const startedMs = Date.parse(newest.record.info.last_deployed ?? '');
    const ageMs = Number.isNaN(startedMs) ? foreignPatienceMs : clock.now() - startedMs;
    const what = `revision ${newest.revision} of ${store.release} (${newest.status} since ${formatDuration(Math.max(0, ageMs))})`;
    if (options.ours || ageMs >= foreignPatienceMs) {
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
