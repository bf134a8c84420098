import { ExecError } from '@slipway/exec';
import { causeText, podCause, sortCauses, withLogTail, type Cause, type Pod } from '@slipway/kube';
import { count, errorMessage } from '@slipway/runtime';
import type { ReleaseHook } from '../release/index.ts';
import { readHelmError, testArguments } from '../tool/index.ts';
import type { FailedAttempt } from './attempt.ts';
import { remainingMs, type UpgradeRun } from './upgrade-run.ts';

const testEvents = new Set(['test', 'test-success']);

/** The hooks of a chart that `helm test` runs. */
export function testHooks(hooks: readonly ReleaseHook[]): readonly ReleaseHook[] {
  return hooks.filter(({ events = [] }) => events.some((event) => testEvents.has(event)));
}

async function podsOf({ ports, request }: UpgradeRun, hook: ReleaseHook): Promise<readonly Pod[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(request.plan.namespace)}/pods`;
  if (hook.kind === 'Pod')
    return [await ports.kube.get<Pod>(`${path}/${encodeURIComponent(hook.name)}`)];
  if (hook.kind !== 'Job') return [];
  return await ports.kube.list<Pod>(path, { labelSelector: `job-name=${hook.name}` });
}

/** What went wrong in the pods of the tests, with the end of the log; undefined where they are gone. */
async function causeOf(run: UpgradeRun, tests: readonly ReleaseHook[]): Promise<Cause | undefined> {
  const { kube, log } = run.ports;
  try {
    const found = await Promise.allSettled(tests.map((hook) => podsOf(run, hook)));
    const pods = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const [first] = sortCauses(pods.flatMap((pod) => podCause(pod, []) ?? []));
    return first && (await withLogTail(kube, run.request.plan.namespace, first));
  } catch (error) {
    log.debug(`The pods of the tests could not be read: ${errorMessage(error)}`);
    return undefined;
  }
}

/**
 * Runs the chart's tests on the release that serves, within what is left of the time. Undefined when they
 * pass, or when there are none; rejects with the signal's reason on a cancel.
 */
export async function testRelease(
  run: UpgradeRun,
  hooks: readonly ReleaseHook[],
): Promise<FailedAttempt | undefined> {
  const { ports, request, watch } = run;
  const { helm, log, signal } = ports;
  const { release, namespace } = request.plan;
  const tests = testHooks(hooks);
  if (tests.length === 0) {
    log.info('The chart has no tests');
    return undefined;
  }
  const timeoutMs = remainingMs(run);
  const args = testArguments({ release, namespace, timeoutMs });
  try {
    await watch.time('Tests', () => helm.run(args, { signal, timeoutMs: timeoutMs + 10_000 }));
    log.info(`${count(tests.length, 'test')} of the chart passed`);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ExecError)) throw error;
    const cause = await causeOf(run, tests);
    const { message } = readHelmError(error.stderr, error.message);
    const reason = `the tests of the chart failed: ${cause === undefined ? message : causeText(cause)}`;
    const next =
      'Read the last lines of the test; the release came up, but does not do what it should.';
    return { kind: 'failed', transient: false, reason, cause, next };
  }
}
