import type { Exec } from '@slipway/exec';
import { formatTestedClaim, parseTested, type PassedTests } from '@slipway/github';
import { readTree, type ModuleTests } from '@slipway/go';
import {
  everyTest,
  namedTestEntry,
  taggedTests,
  testEntries,
  testsNames,
  type Discovery,
  type TestEntry,
} from '@slipway/release';
import type { Log } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** What there is to test, and what is known of it. */
export interface TestPlan {
  tests: readonly TestEntry[];
  /** The output test-plan. */
  decision: 'run' | 'nothing' | 'reused';
  /** What tested-tree writes down once they passed; empty when there is nothing to say. */
  claim: string;
  /** Where they passed before, when that is taken over: an address, or empty. */
  passedIn: string;
}

/** What is tested, and how. */
interface TestQuestion {
  discovery: Discovery;
  tests: readonly ModuleTests[];
  /** Build tags that slipway.yml says of every service. */
  usualTags: readonly string[];
  /** Packages of the root's module that the caller names in place of `tests`; empty for none. */
  named: readonly string[];
}

/**
 * Decides whether tests that passed before are taken over: only those of the same tree, and only when all of
 * its tests passed or exactly these did. Anything else is tested, and the log says why.
 */
export async function planTests(
  { exec, log }: { exec: Exec; log: Log },
  given: Pick<TestQuestion, 'discovery' | 'usualTags'> & {
    commit: string;
    /** `since` is the commit that the tests were chosen by, when they are those that a change since can break. */
    plan: { tests: readonly ModuleTests[]; since?: string };
    inputs: Pick<Inputs, 'tested' | 'testPackages' | 'testSettings'>;
  },
): Promise<TestPlan> {
  const { discovery, usualTags, commit, inputs, plan } = given;
  const { since } = plan;
  const tests = entriesOf({ discovery, usualTags, tests: plan.tests, named: inputs.testPackages });
  const nothing: TestPlan = { tests, decision: 'nothing', claim: '', passedIn: '' };
  if (tests.length === 0) return nothing;
  const { repository } = discovery;
  const { root } = repository;
  const run: TestPlan = { tests, decision: 'run', claim: '', passedIn: '' };
  const tree = await readTree(exec, { root, commit });
  if (tree === undefined) return run;
  const every = entriesOf({ discovery, usualTags, tests: everyTest(repository), named: [] });
  const names = testsNames(tests, { every, settings: inputs.testSettings });
  const baseTree = since === undefined ? undefined : await readTree(exec, { root, commit: since });
  const base =
    since === undefined || baseTree === undefined ? undefined : { commit: since, tree: baseTree };
  const claim = formatTestedClaim({
    tree,
    tests: names.tests,
    all: names.all,
    ...(base === undefined ? {} : { base }),
  });
  const passed = takenOver(inputs.tested, { tree, names, log });
  if (passed === undefined) return { tests, decision: 'run', claim, passedIn: '' };
  return { tests, decision: 'reused', claim, passedIn: passed.runUrl };
}

function entriesOf({
  discovery: { repository, services },
  tests,
  usualTags,
  named,
}: TestQuestion): readonly TestEntry[] {
  const { modules } = repository;
  if (named.length === 0)
    return testEntries(modules, taggedTests(repository, services, { tests, usual: usualTags }));
  const root = [{ module: '', patterns: ['./...'] }];
  const [ofRoot] = taggedTests(repository, services, { tests: root, usual: usualTags });
  return [namedTestEntry(modules, { patterns: named, tags: ofRoot?.tags ?? usualTags })];
}

function takenOver(
  tested: string,
  {
    tree,
    names,
    log,
  }: { tree: string; names: { tests: string; all: string }; log: Pick<Log, 'info'> },
): PassedTests | undefined {
  if (tested === '') return undefined;
  const passed = parseTested(tested);
  if (passed?.tree === tree && [names.tests, names.all].includes(passed.tests)) return passed;
  let why = 'is not what tested-tree hands on';
  if (passed !== undefined)
    why = `tells of ${passed.tree === tree ? 'other tests than these' : 'another tree than this one'}`;
  log.info(`The tests are run: the input tested ${why}.`);
  return undefined;
}
