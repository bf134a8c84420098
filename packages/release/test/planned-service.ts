import type { Service } from '../src/index.ts';

/** A service of a monorepo with a chart and an image, but for what is given. */
export const plannedService = (name: string, given: Partial<Service> = {}): Service => ({
  name,
  path: `services/${name}`,
  workingDirectory: '.',
  package: `./services/${name}`,
  mainFolder: `services/${name}`,
  goVersionFile: 'go.mod',
  goWork: '',
  tags: [],
  chart: `services/${name}/chart`,
  targets: ['linux/amd64', 'linux/arm64'],
  cgo: '',
  image: true,
  sharedPaths: [],
  packedFiles: [],
  valueFiles: {},
  workload: `deployment/${name}`,
  ...given,
});
