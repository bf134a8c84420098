import { InputError } from '@slipway/runtime';
import type { Service } from './service/index.ts';

/**
 * One job of the matrix. Every value is a text, so that a workflow can hand it to an input unchanged;
 * lists are one entry per line. None can begin with `-` or hold anything but names, paths and lines.
 */
export interface MatrixEntry {
  /** Tells the jobs of one matrix apart: `api`, or `api-linux-arm64` when each target has its own. */
  label: string;
  service: string;
  path: string;
  /** Folder of the module; `package` is relative to it. */
  'working-directory': string;
  package: string;
  'go-version-file': string;
  /** What GOWORK has to be: `off`, or empty. */
  'go-work': string;
  /** Build tags. */
  tags: string;
  /** Empty when the service has none: then nothing is deployed. */
  chart: string;
  /** Empty when no image is pushed. */
  image: string;
  targets: string;
  cgo: string;
  release: string;
  namespace: string;
  environment: string;
  workload: string;
  'value-files': string;
}

/** The matrix entries of the services of one release. */
export function releaseMatrix(
  services: readonly Service[],
  release: { version: string; environment: string; registry: string; namespace: string },
): readonly MatrixEntry[] {
  return services.map((service) => ({
    label: service.name,
    service: service.name,
    path: service.path,
    'working-directory': service.workingDirectory,
    package: service.package,
    'go-version-file': service.goVersionFile,
    'go-work': service.goWork,
    tags: service.tags.join('\n'),
    chart: service.chart,
    image: release.registry === '' || !service.image ? '' : `${release.registry}/${service.name}`,
    targets: service.targets.join('\n'),
    cgo: service.cgo,
    release: service.name,
    namespace: release.namespace
      .replaceAll('{environment}', release.environment)
      .replaceAll('{service}', service.name),
    environment: release.environment,
    workload: service.workload,
    'value-files': service.valueFiles[release.environment] ?? '',
  }));
}

/** GitHub runs at most this many jobs of one matrix. */
export const maxMatrixJobs = 256;

/**
 * The same work in one job for each service and target. An image for several platforms is pushed by
 * one job, so entries made this way push none. Throws InputError when it makes too many jobs.
 */
export function splitByTarget(matrix: readonly MatrixEntry[]): readonly MatrixEntry[] {
  const split = matrix.flatMap((entry) =>
    entry.targets.split('\n').map((target) => ({
      ...entry,
      label: `${entry.service}-${target.replaceAll('/', '-')}`,
      targets: target,
      image: '',
    })),
  );
  if (split.length > maxMatrixJobs)
    throw new InputError(
      `matrix-by: ${split.length} services and targets are more than the ${maxMatrixJobs} jobs that one matrix holds.`,
      { next: 'Use matrix-by: service, or plan fewer targets.' },
    );
  return split;
}

/** The entries that are deployed: those with a chart, when the release goes anywhere. */
export function deployments(matrix: readonly MatrixEntry[]): readonly MatrixEntry[] {
  return matrix.filter(({ chart, environment, image }) => {
    return chart !== '' && environment !== '' && image !== '';
  });
}
