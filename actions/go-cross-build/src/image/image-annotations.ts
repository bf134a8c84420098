import type { BuildSource } from '@slipway/go';
import type { RunnerEnvironment } from '@slipway/runtime';

const prefix = 'org.opencontainers.image';

/** The annotations that say where an image comes from (opencontainers/image-spec, annotations.md). */
export function imageAnnotations(
  runner: RunnerEnvironment,
  { program, version, source }: { program: string; version: string; source: BuildSource },
): Record<string, string> {
  const labels: Record<string, string> = {
    [`${prefix}.title`]: program,
    [`${prefix}.version`]: version,
  };
  if (source.epochSeconds !== 0)
    labels[`${prefix}.created`] = new Date(source.epochSeconds * 1000)
      .toISOString()
      .replace('.000Z', 'Z');
  if (source.commit !== undefined) labels[`${prefix}.revision`] = source.commit;
  if (runner.repository !== '')
    labels[`${prefix}.source`] = `${runner.serverUrl}/${runner.repository}`;
  return labels;
}
