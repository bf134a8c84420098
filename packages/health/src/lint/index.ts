export type { Advice } from './advice.ts';
export { lintVerification, type LintRequest } from './lint-verification.ts';
export { findRunningPods, type LintedWorkload } from './running-pods.ts';
