import { KubeError, type KubeClient } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import { probeFinding } from '../findings/index.ts';
import type { Finding } from '../judge/index.ts';
import type { Check, CheckTime, RolloutView } from './check.ts';
import { createProber, ownProbePaths, type ProbeRequest } from './prober.ts';

/** A check that asks the new pods themselves; `onNews` is called after each round. */
export function createProbeCheck(
  ports: { client: KubeClient; clock: Clock },
  request: { paths: readonly string[] | 'auto'; probes: ProbeRequest; intervalMs: number },
  rollout: RolloutView,
  onNews: () => void,
): Check {
  const { client, clock } = ports;
  const prober = createProber(client, request.probes);
  /** Since when every pod has answered, by path. */
  const since = new Map<string, number>();
  let outage: string | undefined;

  const pathsNow = (): readonly string[] =>
    request.paths === 'auto' ? ownProbePaths(rollout.workload()?.template) : request.paths;
  const present = (nowMs: number) => rollout.truth(nowMs)?.present ?? [];
  const askable = (nowMs: number) =>
    present(nowMs)
      .filter(({ everReady }) => everReady)
      .map(({ pod }) => pod);

  const round = async (): Promise<void> => {
    const paths = pathsNow();
    await prober.probe(askable(clock.now()), paths);
    const nowMs = clock.now();
    for (const path of paths) {
      // A probe that cannot see says nothing against the pods, so it does not hold up their soak.
      const answered = prober
        .records(path, askable(nowMs))
        .every(({ inARow, unasked }) => inARow === 0 || unasked !== undefined);
      if (!answered) since.delete(path);
      else if (!since.has(path)) since.set(path, nowMs);
    }
  };

  const findingOf = (path: string, { nowMs }: CheckTime): Finding => {
    const finding = probeFinding(path, prober.records(path, askable(nowMs)), present(nowMs).length);
    const wellSinceMs = since.get(path);
    return wellSinceMs === undefined ? finding : { ...finding, wellSinceMs };
  };

  return {
    run: async (signal) => {
      while (!signal.aborted) {
        try {
          await round();
          outage = undefined;
        } catch (error) {
          if (!(error instanceof KubeError)) throw error;
          outage = error.message;
        }
        onNews();
        await clock.sleep(request.intervalMs, signal).catch(() => undefined);
      }
    },
    findings: (time) =>
      pathsNow().map((path) =>
        outage === undefined
          ? findingOf(path, time)
          : {
              check: `probe ${path}`,
              state: 'blind',
              detail: outage,
              wouldChange: 'an answer from the API server',
            },
      ),
    evidence: () => ({
      outage,
      since: Object.fromEntries(since),
      records: pathsNow().map((path) => prober.records(path, askable(clock.now()))),
    }),
  };
}
