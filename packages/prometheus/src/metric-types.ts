/** Reads the `data` of `/api/v1/metadata`: the types of one metric, each once. */
export function parseMetricTypes(data: unknown, metric: string): readonly string[] {
  const entries: unknown = (data as Readonly<Record<string, unknown>> | null | undefined)?.[metric];
  if (!Array.isArray(entries)) return [];
  const types = (entries as ({ type?: unknown } | null)[]).map((entry) => entry?.type);
  return [...new Set(types.filter((type) => typeof type === 'string'))];
}
