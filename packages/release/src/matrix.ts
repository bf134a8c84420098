import type { Service } from './service.ts';

/**
 * One job of the matrix. Every value is a text, so that a workflow can hand it to an input unchanged;
 * lists are one entry per line. None can begin with `-` or hold anything but names, paths and lines.
 */
export interface MatrixEntry {
  service: string;
  path: string;
  package: string;
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
    service: service.name,
    path: service.path,
    package: service.package,
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

/** The entries that are deployed: those with a chart, when the release goes anywhere. */
export function deployments(matrix: readonly MatrixEntry[]): readonly MatrixEntry[] {
  return matrix.filter(({ chart, environment, image }) => {
    return chart !== '' && environment !== '' && image !== '';
  });
}
