export {
  templateArguments,
  type CrdPolicy,
  renderArguments,
  rollbackArguments,
  testArguments,
  uninstallArguments,
  upgradeArguments,
  type TemplatePart,
  type UpgradePlan,
} from './arguments.ts';
export { adviceFor, readHelmError, type HelmProblem } from './helm-error.ts';
export { withoutValues } from './quoted-values.ts';
export { helmOfRun, ownerOfRun } from './helm-of-run.ts';
export {
  type PostRenderer,
  type PreparedPostRenderer,
  preparePostRenderer,
} from './post-renderer.ts';
export {
  createHelmCommands,
  createHelmRunner,
  type HelmCommands,
  type HelmRunner,
  type HelmTarget,
} from './runner.ts';
export { stopOwnHelm } from './stray-helm.ts';
export { storageDriver, type StorageDriver } from './storage-driver.ts';
export { type HelmMajor, type HelmTool, probeHelm } from './tool.ts';
