import { suiteNames, usualSuites, type SuiteName } from './suites.ts';

/** What `npm test -- …` asks for. */
export interface TestCommand {
  suites: readonly SuiteName[];
  /** Only what a change since this commit can break. */
  changedSince: string | undefined;
  /** Passed on to jest. */
  args: readonly string[];
}

/** Reads the arguments of `npm test`. Throws when --changed lacks its commit. */
export function parseTestCommand(argv: readonly string[]): TestCommand {
  const chosen = suiteNames.filter((name) => argv.includes(`--${name}`));
  const rest = argv.filter((arg) => !suiteNames.some((name) => arg === `--${name}`));
  const suites = chosen.length > 0 ? chosen : usualSuites;
  const at = rest.findIndex((arg) => arg === '--changed' || arg.startsWith('--changed='));
  if (at < 0) return { suites, changedSince: undefined, args: rest };
  const joined = rest[at]?.split('=').slice(1).join('=') ?? '';
  const reference = joined === '' ? (rest[at + 1] ?? '') : joined;
  if (reference === '' || reference.startsWith('-'))
    throw new Error('--changed needs a branch or commit: npm test -- --changed main');
  return { suites, changedSince: reference, args: rest.toSpliced(at, joined === '' ? 2 : 1) };
}
