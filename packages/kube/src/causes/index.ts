export { type Cause, causeText, sortCauses } from './cause.ts';
export { makerCause, podCause } from './pod-cause.ts';
export { type CrashHint, crashHint } from './crash-hint.ts';
export { type MissingThing, missingThing } from './missing-thing.ts';
export { withLogTail } from './cause-log.ts';
