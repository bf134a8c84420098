export { type ChartDependency, type ChartMetadata, readChartFolder } from './chart.ts';
export { type OpenedChart, openChart } from './chart-opening.ts';
export { type ChartAccess, type ChartSource, type Login } from './chart-source.ts';
export { checkDependencies, type DependencyReport } from './dependencies.ts';
export { buildDependencies } from './dependency-build.ts';
export { pathInChart } from './packaged-chart.ts';
export { registryHost, writeRegistryLogin } from './registry-login.ts';
