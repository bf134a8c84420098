import { metricNames, PrometheusError, type PrometheusClient } from '@slipway/prometheus';
import type { Assertion } from '../judge/index.ts';
import type { TypeOf } from './expression.ts';

const mostNames = 20;

/** The name under which metadata is kept: of OpenMetrics without the ending, of the older form with it. */
const familyOf = (name: string): string => name.replace(/_(total|count|bucket|sum)$/, '');

/**
 * The types of the metrics that assertions ask for, by what targets say of them. One that some target
 * calls a gauge is one. Nothing is known where Prometheus keeps no metadata or does not answer.
 */
export async function typesOf(
  client: PrometheusClient,
  assertions: readonly Assertion[],
): Promise<TypeOf> {
  const queries = assertions.flatMap((one) => (one.kind === 'value' ? [one.query] : []));
  const names = [...new Set(queries.flatMap(metricNames))].slice(0, mostNames);
  const asked = [...new Set(names.flatMap((name) => [name, familyOf(name)]))];
  const known = new Map<string, string>();
  await Promise.all(
    asked.map(async (name) => {
      const types = await client.metricTypes(name).catch((error: unknown) => {
        if (error instanceof PrometheusError) return [];
        throw error;
      });
      const type = types.find((one) => one === 'gauge') ?? types[0];
      if (type !== undefined) known.set(name, type);
    }),
  );
  return (name) => known.get(name) ?? known.get(familyOf(name));
}
