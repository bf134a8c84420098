import { verifyHealth, type HealthStatement, type VerifyResult } from '@slipway/health';
import type { Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';
import { openPrometheus } from './prometheus.ts';
import { publicNames } from './public-names.ts';
import { trafficPlan } from './traffic.ts';

const lookEveryMs = 2_000;

/**
 * Verifies the workload of the inputs with ports made for this run. `onCutOff` hears what was seen when
 * the job is cancelled; `of` stands for the release and the patience of the inputs.
 */
export async function verifyWorkload(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  {
    onCutOff = () => undefined,
    of = inputs,
  }: {
    onCutOff?: (certificate: HealthStatement) => void;
    of?: Pick<Inputs, 'images' | 'minSoakMs' | 'deadlineMs'>;
  } = {},
): Promise<VerifyResult> {
  const { log, clock, signal } = run;
  const namespace = inputs.workload.namespace || cluster.target.namespace;
  const traffic = await trafficPlan(
    inputs.traffic,
    {
      port: inputs.probePort,
      scheme: inputs.probeScheme,
      timeoutMs: inputs.probeTimeoutMs,
      limit: inputs.maxErrorShare,
      maxLatency: inputs.maxLatency,
    },
    run.runner.workspace,
  );
  const names = publicNames(inputs, cluster);
  const redact = (text: string): string => run.redact(text, names);
  const prometheus = openPrometheus(run, cluster, inputs, redact);
  try {
    return await verifyHealth(
      { client: cluster.client, log, clock, signal, redact, onCutOff },
      {
        workload: { ...inputs.workload, namespace },
        images: of.images,
        probes: {
          paths: inputs.probes,
          port: inputs.probePort,
          scheme: inputs.probeScheme,
          timeoutMs: inputs.probeTimeoutMs,
        },
        ...(traffic === undefined ? {} : { traffic }),
        metrics: prometheus?.metrics,
        minSoakMs: of.minSoakMs,
        deadlineMs: of.deadlineMs,
        intervalMs: lookEveryMs,
      },
    );
  } finally {
    await prometheus?.close();
  }
}
