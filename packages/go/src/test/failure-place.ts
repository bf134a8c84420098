import path from 'node:path';
import type { TestFailure } from './test-report.ts';

/** Where the sources of a package are. */
export interface PackageFolder {
  /** Absolute. */
  dir: string;
  /** Names of its Go files, tests included. */
  files: ReadonlySet<string>;
}

/** A line of a source file. */
export interface SourcePlace {
  /** Absolute. */
  file: string;
  line: number;
}

/** `    price_test.go:12: …`, as testing prints it; with -fullpath the path is whole. */
export const logLine = /^\s+((?:[A-Za-z]:)?[^\s:]+\.go):(\d+): ?/;
/** A line of a stack trace, of the race detector's and of testify's. */
const frameLine = /(?:^|\s)((?:[A-Za-z]:)?[\\/].+?\.go):(\d+)(?=\s|$)/;

function logPlaces({ lines }: TestFailure, { dir, files }: PackageFolder): SourcePlace[] {
  return lines.flatMap((line) => {
    const [, file = '', number = '0'] = logLine.exec(line) ?? [];
    const whole = path.resolve(dir, file);
    // A helper of another package prints the name of a file that is not here.
    if (path.dirname(whole) !== dir || !files.has(path.basename(whole))) return [];
    return [{ file: whole, line: Number(number) }];
  });
}

function framePlaces({ lines }: TestFailure): SourcePlace[] {
  return lines.flatMap((line) => {
    const [, file, number = '0'] = frameLine.exec(line) ?? [];
    return file === undefined ? [] : [{ file, line: Number(number) }];
  });
}

function within(folder: string, { file }: SourcePlace): boolean {
  const relative = path.relative(folder, file);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}

/**
 * The line that a failure is about. Of what a test logged it is the last one in the package's own files,
 * for `t.Fatal` ends a test and logs come before; of a panic, a race or a time-out the first frame in
 * the package, else in `root`.
 */
export function failurePlace(
  failure: TestFailure,
  folder: PackageFolder,
  root: string,
): SourcePlace | undefined {
  const frames = framePlaces(failure);
  const frame =
    frames.find((place) => within(folder.dir, place)) ??
    frames.find((place) => within(root, place));
  const log = logPlaces(failure, folder).at(-1);
  return failure.kind === 'test' ? (log ?? frame) : (frame ?? log);
}
