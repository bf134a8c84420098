import { InputError, inertLine, quoted } from '@slipway/runtime';
import type { PlaceOf, YamlPath } from '@slipway/yaml';
import type * as z from 'zod';
import { mostProblems } from './schema/index.ts';

/** One thing that is wrong in a file. */
export interface Problem {
  path: YamlPath;
  /** Whether the key is wrong, not what it holds. */
  atKey: boolean;
  /** After the path in words: `is unknown; did you mean timeout?`. */
  what: string;
}

/** A path as people write it: `services."services/api".helm.timeout`, `environments.prod.waves[1]`. */
export function pathInWords(path: YamlPath): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      const word = /^[\w-]{1,60}$/.test(segment) ? segment : quoted(segment);
      return index === 0 ? word : `.${word}`;
    })
    .join('');
}

type Issue = z.core.$ZodIssue;

function yamlPath(path: readonly PropertyKey[]): YamlPath {
  return path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
}

/** Whether an alternative is of another kind altogether than what stands there. */
function isOtherKind(issues: readonly Issue[]): boolean {
  return issues.some((issue) => {
    if (issue.path.length > 0) return false;
    if (issue.code === 'invalid_union') return issue.errors.every(isOtherKind);
    if (issue.code === 'invalid_value') return typeof issue.input !== typeof issue.values[0];
    return issue.code === 'invalid_type';
  });
}

/** Of alternatives the one that was meant, which is the only one of the right kind, speaks for all. */
function problemsOfIssue(issue: Issue, above: YamlPath): readonly Problem[] {
  const path = [...above, ...yamlPath(issue.path)];
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys
      .slice(0, mostProblems)
      .map((key, index) => ({ path: [...path, key], atKey: true, what: lines[index] ?? '' }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.filter((issues) => !isOtherKind(issues));
    const [only] = meant;
    if (meant.length === 1 && only !== undefined)
      return only.flatMap((inner) => problemsOfIssue(inner, path));
  }
  if (issue.code === 'invalid_key')
    return [{ path, atKey: true, what: issue.issues[0]?.message ?? issue.message }];
  return [{ path, atKey: false, what: issue.message }];
}

/** Whether something more exact is wrong inside what a rule over several keys speaks of. */
function isToldInside(rule: Issue, issues: readonly Issue[]): boolean {
  return (
    rule.code === 'custom' &&
    issues.some(
      (issue) => issue !== rule && rule.path.every((part, index) => issue.path[index] === part),
    )
  );
}

/** What zod found, each with its path. */
export function problemsOf(issues: readonly Issue[]): readonly Problem[] {
  // A file can have a hundred thousand of them, and nobody reads those.
  const some = issues.slice(0, mostProblems * 2);
  return some
    .filter((issue) => !isToldInside(issue, some))
    .flatMap((issue) => problemsOfIssue(issue, []));
}

/**
 * The InputError for what is wrong in a file: a line for each problem, in the file's order, with line,
 * column and path; the first twenty of them.
 */
export function problemsError(
  file: string,
  problems: readonly Problem[],
  placeOf: PlaceOf,
): InputError {
  const placed = problems
    .slice(0, mostProblems * 2)
    .map(({ path, atKey, what }) => {
      const place = placeOf(path, atKey ? 'key' : 'value');
      const where = path.length === 0 ? '' : ` ${pathInWords(path)}:`;
      return {
        place,
        line: inertLine(`${file}:${place.line}:${place.column}:${where} ${what}`),
      };
    })
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const lines = placed.slice(0, mostProblems).map(({ line }) => line);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and at least ${more} more.`);
  const [only] = lines;
  return new InputError(
    lines.length === 1 && only !== undefined
      ? only
      : `${file} has problems:\n  ${lines.join('\n  ')}`,
  );
}
