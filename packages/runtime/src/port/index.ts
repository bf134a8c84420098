/**
 * The ports: all that business code may know of the world outside it. `main.ts` of an action makes
 * them, packages take them as parameters, tests hand in fakes.
 */
export type { Clock, Timer } from './clock.ts';
export type { Fetch } from './fetch.ts';
export type { AnnotationPlace, Log, MaskSecret } from './log.ts';
