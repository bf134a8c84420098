export { GivenUpError, waitPatiently, type Patience, type Progress } from './patience.ts';
export { spentMs } from './spent-time.ts';
