import { roots } from './roots.js';

/** One kind of test; also the name of jest's project. */
export type SuiteName = keyof typeof roots;

/** All kinds, in the order in which they run. */
export const suiteNames = Object.keys(roots) as readonly SuiteName[];

/**
 * What runs at the same time. The first two keep every core busy; of each other pair one computes and
 * the other mostly waits.
 */
export const waves: readonly (readonly SuiteName[])[] = [
  ['unit'],
  ['contract'],
  ['workflows', 'parts'],
  ['lab', 'rollout'],
  ['full'],
];

/** Those that run when none is named. */
export const usualSuites: readonly SuiteName[] = suiteNames.filter((name) => name !== 'full');

/** Those that need the lab, in which they may leave nothing. */
export const usesLab: ReadonlySet<SuiteName> = new Set(['lab', 'rollout', 'full']);

/** The suite that a test file belongs to; undefined for what is no test. */
export function suiteOf(file: string): SuiteName | undefined {
  if (!file.endsWith('.test.ts')) return undefined;
  return suiteNames.find((name) => roots[name].some((root) => file.startsWith(`${root}/`)));
}
