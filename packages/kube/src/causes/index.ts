export { type Cause, causeText, sortCauses } from './cause.ts';
export { makerCause, podCause } from './pod-cause.ts';
export { withLogTail } from './cause-log.ts';
