export {
  checkDependencies,
  type DependencyReport,
  readChartFolder,
  type ChartDependency,
  type ChartMetadata,
  buildDependencies,
} from './chart/index.ts';
export {
  type CrdPolicy,
  type UpgradePlan,
  adviceFor,
  createHelmRunner,
  type HelmRunner,
  type HelmTarget,
  helmOfRun,
  ownerOfRun,
  probeHelm,
  type HelmMajor,
  type HelmTool,
} from './tool/index.ts';
export {
  type FinishedRollback,
  finishInterrupted,
  finishRollback,
  type InterruptedResult,
  type RollbackOperation,
  type RollbackOutlook,
  rollbackOutlook,
  type RollbackWay,
  rollbackWay,
  rollbackRelease,
  type RollbackRequest,
  type RollbackResult,
  type Operation,
} from './rollback/index.ts';
export {
  lockRelease,
  type LockRequest,
  type ReleaseLock,
  isPending,
  type ReleaseRecord,
  type ReleaseStatus,
  openReleaseStore,
  type ReleaseStore,
  type StoredRevision,
  ensureNamespace,
  type ReleasePorts,
} from './release/index.ts';
export type { FailFast } from '@slipway/rollout';
export { parseSetLines, writeValueLayers, type ValueSources } from './values/index.ts';
export {
  UnfinishedUpgradeError,
  upgradeRelease,
  type UpgradeRequest,
  type UpgradeResult,
} from './upgrade/index.ts';
