export { type ChartDependency, type ChartMetadata, readChartFolder } from './chart.ts';
export { checkDependencies, type DependencyReport } from './dependencies.ts';
export { buildDependencies } from './dependency-build.ts';
