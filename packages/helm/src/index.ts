export { checkDependencies, type DependencyReport } from './chart-dependencies.ts';
export { readChartFolder, type ChartDependency, type ChartMetadata } from './chart.ts';
export { buildDependencies, isLoopback } from './dependency-build.ts';
export type { UpgradePlan } from './helm-arguments.ts';
export { adviceFor } from './helm-error.ts';
export { createHelmRunner, type HelmRunner, type HelmTarget } from './helm-runner.ts';
export { helmOfRun, ownerOfRun } from './helm-of-run.ts';
export { probeHelm, type HelmMajor, type HelmTool } from './helm-tool.ts';
export { finishInterrupted, type InterruptedResult } from './interrupted.ts';
export { lockRelease, type LockRequest, type ReleaseLock } from './release-lock.ts';
export { isPending, type ReleaseRecord, type ReleaseStatus } from './release-record.ts';
export { openReleaseStore, type ReleaseStore, type StoredRevision } from './release-store.ts';
export { ensureNamespace } from './namespace.ts';
export {
  rollbackRelease,
  type ReleasePorts,
  type RollbackRequest,
  type RollbackResult,
} from './rollback.ts';
export { parseSetLines } from './set-values.ts';
export type { Operation } from './operation.ts';
export { upgradeRelease, type UpgradeRequest, type UpgradeResult } from './upgrade.ts';
export { writeValueLayers, type ValueSources } from './value-layers.ts';
