export { removeRelease, type RemovalRequest } from './removal.ts';
export { rehearseUpgrade } from './rehearsal.ts';
export { UnfinishedUpgradeError, type UpgradeResult } from './upgrade-result.ts';
export type { ReleaseChanges } from './release-changes.ts';
export type { IrreversiblePolicy } from './reversibility.ts';
export type { UpgradeRequest } from './upgrade-request.ts';
export { type UpgradePorts, upgradeRelease } from './upgrade.ts';
