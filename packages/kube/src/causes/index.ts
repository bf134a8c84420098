export { type Cause, causeText, sortCauses } from './cause.ts';
export { makerCause, podCause } from './pod-cause.ts';
export { readCauses } from './workload-causes.ts';
