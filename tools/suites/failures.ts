import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { JestFile } from './jest-report.ts';

/** One failed test in the few lines that matter. */
export interface Failure {
  name: string;
  /** `file:line` from the checkout's root. */
  where: string;
  /** What was expected and what came, three lines at most. */
  lines: readonly string[];
}

const mostLines = 3;

/** The first place in the test's own file, else in the checkout. */
function placeOf(message: string, file: string, root: string): string {
  const places = [...message.matchAll(/(?:\(|at |file:\/\/)((?:[A-Za-z]:)?[^\s():]+):(\d+):\d+/g)]
    .map(([, where = '', line = '']) => ({ where: path.resolve(root, where), line }))
    .filter(({ where }) => where.startsWith(root) && !where.includes('node_modules'));
  const place = places.find(({ where }) => where === file) ?? places[0];
  const where = path.relative(root, place?.where ?? file).replaceAll(path.sep, '/');
  return place === undefined ? where : `${where}:${place.line}`;
}

/** jest's heading of a file that could not be run, and the code around a place. */
const isDecoration = (line: string): boolean => /^\s*(●|>?\s*\d*\s\|)/.test(line);

/**
 * The lines of a failure's message that say what was expected and what came: those that jest marks so,
 * else of a comparison the first that differ, else the first of the message.
 */
function telling(message: string): readonly string[] {
  const text = message.split(/\n\s+at /)[0] ?? message;
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !isDecoration(line));
  const marked = lines.filter((line) => /^\s*(Expected|Received)\b/.test(line));
  const differing = lines.filter(
    (line) => /^\s*[-+] /.test(line) && !/^\s*[-+] (Expected|Received)\s+[-+]/.test(line),
  );
  const expected = differing.filter((line) => line.trimStart().startsWith('-'));
  const received = differing.filter((line) => line.trimStart().startsWith('+'));
  const compared = [...expected.slice(0, 1), ...received.slice(0, 1)];
  const [head = ''] = lines;
  const found = marked.length > 0 ? marked : compared;
  const chosen = found.length > 0 ? [head, ...found] : lines;
  return chosen.slice(0, mostLines).map((line) => line.trim().slice(0, 300));
}

/**
 * The failures of one file, in the order of its tests. A skipped test is one too: it proves nothing. A
 * file that could not be run is one failure.
 */
export function failuresOf(file: JestFile, root: string): readonly Failure[] {
  const failure = (name: string, text: string): Failure => {
    const message = stripVTControlCharacters(text);
    return { name, where: placeOf(message, file.name, root), lines: telling(message) };
  };
  const failures = file.assertionResults.flatMap(({ fullName, status, failureMessages }) => {
    if (status === 'passed') return [];
    if (status === 'failed') return [failure(fullName, failureMessages?.[0] ?? '')];
    return [failure(fullName, `The test is ${status}; one that does not run proves nothing.`)];
  });
  if (failures.length > 0 || file.message === '') return failures;
  return [failure('the file could not be run to its end', file.message)];
}

/** A failure as people read it. */
export function renderFailure({ name, where, lines }: Failure): string {
  return [`✗ ${name}`, `  ${where}`, ...lines.map((line) => `    ${line}`)].join('\n');
}
