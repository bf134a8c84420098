export { holdUpgrade, NotThroughRelayError, type HeldUpgrade } from './held-upgrade.ts';
export { scratchFolder, type Scratch } from './scratch.ts';
export { UnforeseenWriteError } from './write-gate.ts';
