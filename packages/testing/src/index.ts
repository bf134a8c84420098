export { fakeClock } from './fake-clock.ts';
export { fakeLog, type LoggedLine } from './fake-log.ts';
export { inputValues } from './input-values.ts';
