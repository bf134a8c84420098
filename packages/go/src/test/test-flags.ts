/** Flags of `go build` that decide which files are compiled or found, so that vet has to have them too. */
const shared = /^--?(?:tags|mod|modfile|overlay|compiler|p)(?:=|$)/;
/** What Slipway gives or reads itself, and what would leave no test run. */
const taken = /^--?(json|C|c|vettool)(?:=|$)/;

/** Further flags as they are given to the two commands. */
export interface TestFlags {
  /** For go test, before the packages. */
  test: readonly string[];
  /** For the test programs: `-args` and all behind it, which goes behind the packages. */
  args: readonly string[];
  /** For go vet. */
  vet: readonly string[];
}

/** What is wrong with one of the flags, one to an entry and each with its value; undefined when none is. */
export function flagProblem(flags: readonly string[]): string | undefined {
  const own = flags.slice(0, argsAt(flags));
  const bare = own.find((flag) => !flag.startsWith('-'));
  if (bare !== undefined)
    return `${JSON.stringify(bare)} is no flag; write one flag with its value to a line, as -run=TestPrice.`;
  const name = own.map((flag) => taken.exec(flag)?.[1]).find((found) => found !== undefined);
  return name === undefined
    ? undefined
    : `-${name} cannot be given, for the results are read from go test -json in working-directory.`;
}

function argsAt(flags: readonly string[]): number {
  const at = flags.findIndex((flag) => /^--?args$/.test(flag));
  return at < 0 ? flags.length : at;
}

/** Parts the flags that `flagProblem` has nothing against. */
export function partFlags(flags: readonly string[]): TestFlags {
  const test = flags.slice(0, argsAt(flags));
  return {
    test,
    args: flags.slice(argsAt(flags)),
    vet: test.filter((flag) => shared.test(flag)),
  };
}
