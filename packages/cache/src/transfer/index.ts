export { toolkitTransfer } from './toolkit-transfer.ts';
export type { Fetched, Stored, Traffic, Transfer } from './transfer.ts';
