export {
  actionInputs,
  jsonSchemaOf,
  type ActionInputKind,
  type ActionInputs,
  type ActionKey,
  type JsonSchema,
  type ServiceSettings,
} from './schema/index.ts';
export { actionInputTexts } from './action-input-text.ts';
export { deploymentOrder, dueBefore, type OrderedService } from './deployment-order.ts';
export { deploymentStages, type DeploymentStage } from './deployment-stages.ts';
export {
  isServiceFolder,
  resolveService,
  saidAt,
  type EffectiveService,
  type EffectiveSetting,
  type Origin,
  type ServiceKnowledge,
} from './effective-settings.ts';
export { environmentFor, type ChosenEnvironment, type ReleaseStart } from './environment-choice.ts';
export type { Environment, Fleet, ServiceFile, ServiceRule, Target, When } from './fleet.ts';
export { freezeAt, type Freeze, type FreezeWindow } from './freeze-window.ts';
export { readFleet, readServiceFile } from './read-fleet.ts';
export { originText, settingsTable } from './settings-table.ts';
