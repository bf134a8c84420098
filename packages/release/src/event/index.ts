export { askedServices, type DispatchInputs } from './dispatch-inputs.ts';
export { readEvent, type EventSource, type ReleaseEvent, type ReleaseKind } from './event.ts';
export type { NoRelease } from './published-release.ts';
