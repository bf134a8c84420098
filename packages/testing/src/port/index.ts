export { fakeClock, steppedClock, type SteppedClock } from './fake-clock.ts';
export { pacedClock } from './paced-clock.ts';
export { fakeLog, type LoggedLine } from './fake-log.ts';
