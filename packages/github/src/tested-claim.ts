/** A git tree and the tests that a plan has for it: what there is to say of it once they passed. */
export interface TestedClaim {
  tree: string;
  /** The name of these tests: the same name, the same tests. */
  tests: string;
  /** The name of all tests of a tree, which includes whatever else they depend on. */
  all: string;
  /** What was compared with, when the tests are those that a change since can break. */
  base?: { commit: string; tree: string };
}

const gitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const longest = 2000;

/** Whether a text is the name of tests: `all-` or `some-` and 32 hexadecimal digits. */
export function isTestsName(text: string): boolean {
  return /^(?:all|some)-[0-9a-f]{32}$/.test(text);
}

/** A claim in one line, as jobs hand it on. */
export function formatTestedClaim({ tree, tests, all, base }: TestedClaim): string {
  return JSON.stringify({ tree, tests, all, ...(base === undefined ? {} : { base }) });
}

/** What formatTestedClaim wrote; undefined for anything else. */
export function parseTestedClaim(text: string): TestedClaim | undefined {
  const given = fieldsOf(text);
  const tree = textOf(given['tree'], gitId);
  const tests = textOf(given['tests']);
  const all = textOf(given['all']);
  if (tree === '' || ![tests, all].every(isTestsName)) return undefined;
  if (given['base'] === undefined) return { tree, tests, all };
  const base = fieldsOf(JSON.stringify(given['base']));
  const commit = textOf(base['commit'], gitId);
  const baseTree = textOf(base['tree'], gitId);
  if (commit === '' || baseTree === '') return undefined;
  return { tree, tests, all, base: { commit, tree: baseTree } };
}

/** Tests that passed, in one line, as jobs hand it on; empty for none. */
export function formatTested(found: PassedTests | undefined): string {
  if (found === undefined) return '';
  const { tree, tests, runUrl } = found;
  return JSON.stringify({ tree, tests, run: runUrl });
}

/** The parts of a tested tree that are handed on. */
export interface PassedTests {
  tree: string;
  tests: string;
  /** http(s) or empty. */
  runUrl: string;
}

/** What formatTested wrote; undefined for anything else. */
export function parseTested(text: string): PassedTests | undefined {
  const given = fieldsOf(text);
  const tree = textOf(given['tree'], gitId);
  const tests = textOf(given['tests']);
  if (tree === '' || !isTestsName(tests)) return undefined;
  return { tree, tests, runUrl: textOf(given['run'], /^https?:\/\/[\x21-\x7e]{1,500}$/) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  if (text.length > longest) return {};
  try {
    const value = JSON.parse(text) as unknown;
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A text of that form; empty for anything else. */
function textOf(value: unknown, form = /^/): string {
  return typeof value === 'string' && form.test(value) ? value : '';
}
