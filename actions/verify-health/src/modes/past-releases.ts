import { backtest, type PastVerdict } from '@slipway/health';
import { renderStepSummary } from '@slipway/report';
import { ActionError, count, formatDuration, type Run } from '@slipway/runtime';
import type { Cluster } from '../cluster.ts';
import { pastOutput } from '../findings-output.ts';
import type { Inputs } from '../inputs.ts';
import { openPrometheus } from '../prometheus.ts';
import { publicNames } from '../public-names.ts';

async function verdictsOf(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
): Promise<readonly PastVerdict[] | undefined> {
  const prometheus = openPrometheus(run, cluster, inputs, (text) =>
    run.redact(text, publicNames(inputs, cluster)),
  );
  if (prometheus === undefined) return undefined;
  const { kind, name, namespace } = inputs.workload;
  const { client, ...metrics } = prometheus.metrics;
  try {
    return await backtest(
      { client, log: run.log },
      {
        ...metrics,
        workload: { kind, name, namespace: namespace || cluster.target.namespace },
        minSoakMs: inputs.minSoakMs,
        deadlineMs: inputs.deadlineMs,
      },
    );
  } finally {
    await prometheus.close();
  }
}

/** When, what and why, as one cell. */
function toldOf({ beganMs, elapsedMs, verdict, cause }: PastVerdict): string {
  const when = new Date(beganMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return `${verdict} after ${formatDuration(elapsedMs)} (${when}): ${cause}`;
}

/**
 * Tells which rollouts of the last week a verification with these inputs would have stopped, by metrics
 * alone. Throws ActionError when Prometheus knows no pod of the workload.
 */
export async function tellPastReleases(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  title: string,
): Promise<void> {
  const verdicts = await verdictsOf(run, cluster, inputs);
  const { kind, name } = inputs.workload;
  if (verdicts === undefined)
    throw new ActionError(`Prometheus has scraped no pod with a name of ${kind}/${name}.`, {
      next: 'See that its pods are scraped, with a label for their names.',
    });
  const stopped = verdicts.filter(({ verdict }) => verdict === 'unhealthy').length;
  const passed = verdicts.filter(({ verdict }) => verdict === 'healthy').length;
  const told = `${stopped} of ${count(verdicts.length, 'rollout')} of the last week would have been stopped, ${passed} passed`;
  run.log.info(told);
  for (const one of verdicts) run.log.info(`${one.set}: ${toldOf(one)}`);
  run.outputs.set('findings', run.redact(pastOutput(verdicts), publicNames(inputs, cluster)));
  await run.summary.append(
    renderStepSummary({
      title: `${title}, back-test`,
      outcome: 'ok',
      facts: [
        ['by metrics alone', told],
        ...verdicts.map((one) => [one.set, toldOf(one)] as const),
      ],
    }),
  );
}
