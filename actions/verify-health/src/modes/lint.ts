import { lintVerification, type Advice } from '@slipway/health';
import { renderStepSummary } from '@slipway/report';
import type { Run } from '@slipway/runtime';
import type { Cluster } from '../cluster.ts';
import { adviceOutput } from '../findings-output.ts';
import type { Inputs } from '../inputs.ts';
import { openPrometheus } from '../prometheus.ts';
import { publicNames } from '../public-names.ts';

async function adviceOf(run: Run, cluster: Cluster, inputs: Inputs): Promise<readonly Advice[]> {
  const prometheus = openPrometheus(run, cluster, inputs, (text) =>
    run.redact(text, publicNames(inputs, cluster)),
  );
  const { kind, name, namespace } = inputs.workload;
  const { requests, openapi } = inputs.traffic;
  try {
    return await lintVerification({
      client: prometheus?.metrics.client,
      workload: { kind, name, namespace: namespace || cluster.target.namespace },
      errorShare: inputs.errorShare,
      maxLatency: inputs.maxLatency,
      assertions: inputs.assertions,
      sendsTraffic: requests.length > 0 || openapi !== '',
      minSoakMs: inputs.minSoakMs,
      deadlineMs: inputs.deadlineMs,
    });
  } finally {
    await prometheus?.close();
  }
}

/**
 * Looks for what would keep a verification from telling anything, before the release, and tells it. Gives
 * back what fails the step: what would certainly end as cannot-observe, unless it is only to report.
 */
export async function lint(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  title: string,
): Promise<{ message: string; next: string } | undefined> {
  const advice = await adviceOf(run, cluster, inputs);
  const errors = advice.filter(({ level }) => level === 'error');
  const text = ({ about, detail, next }: Advice): string => `${about}: ${detail}. Next: ${next}`;
  for (const one of advice)
    if (one.level === 'warning' || inputs.onUnhealthy === 'report')
      run.log.warning(text(one), { title: `verify-health would not tell: ${one.about}` });
  run.outputs.set('findings', run.redact(adviceOutput(advice), publicNames(inputs, cluster)));
  const [first] = errors;
  const isFailed = first !== undefined && inputs.onUnhealthy !== 'report';
  await run.summary.append(
    renderStepSummary({
      title: `${title}, lint`,
      outcome: isFailed ? 'failed' : 'ok',
      facts:
        advice.length === 0
          ? [['lint', 'nothing stands in the way of a verdict']]
          : advice.map(({ about, level, detail }) => [about, `${level}: ${detail}`]),
      ...(isFailed ? { cause: `${first.about}: ${first.detail}`, next: first.next } : {}),
    }),
  );
  if (!isFailed) return undefined;
  const message = errors.map(({ about, detail }) => `${about}: ${detail}`).join('; ');
  return { message, next: first.next };
}
