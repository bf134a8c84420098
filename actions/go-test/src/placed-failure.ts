import {
  failurePlace,
  failuresOf,
  packageFolders,
  parseDiagnostics,
  type PackageFolder,
  type SourcePlace,
  type TestFailure,
  type TestPorts,
  type TestQuestion,
  type TestReport,
} from '@slipway/go';

/** A root cause with the line that it is about, where one is known. */
export interface PlacedFailure extends TestFailure {
  place: SourcePlace | undefined;
}

const elsewhere: PackageFolder = { dir: '', files: new Set() };

function tagsOf({ flags }: TestQuestion): readonly string[] {
  const given = flags.vet.findLast((flag) => /^--?tags=/.test(flag)) ?? '';
  return given
    .slice(given.indexOf('=') + 1)
    .split(',')
    .filter((tag) => tag !== '');
}

/** The root causes of a red run, each with its place. Where packages are is asked only here, when it is needed. */
export async function placeFailures(
  { exec, log }: TestPorts,
  question: TestQuestion,
  report: TestReport,
): Promise<readonly PlacedFailure[]> {
  const { dir, signal } = question;
  const failures = failuresOf(report);
  const importPaths = [...new Set(failures.map(({ importPath }) => importPath))];
  const folders =
    failures.length === 0
      ? new Map<string, PackageFolder>()
      : await packageFolders(exec, { dir, importPaths, tags: tagsOf(question), signal }).catch(
          (error: unknown) => {
            log.debug(`Where the packages are is not known: ${String(error)}`);
            return new Map<string, PackageFolder>();
          },
        );
  return failures.map((failure) => {
    const { kind, importPath, test, lines } = failure;
    const [diagnostic] = kind === 'build' ? parseDiagnostics(lines.join('\n'), dir) : [];
    const folder = folders.get(importPath) ?? elsewhere;
    const place = diagnostic ?? (kind === 'build' ? undefined : failurePlace(failure, folder, dir));
    return {
      kind,
      importPath,
      test,
      lines,
      place: place === undefined ? undefined : { file: place.file, line: place.line },
    };
  });
}
