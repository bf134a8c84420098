export { upgradeRelease, type UpgradeRequest, type UpgradeResult } from './upgrade.ts';
