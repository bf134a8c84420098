import path from 'node:path';
import { essentialLines } from '@slipway/go';
import { confine, type Log } from '@slipway/runtime';
import type { PlacedFailure } from './placed-failure.ts';

/** GitHub shows ten errors of a step, and the last is the one that the step itself ends with. */
const most = 9;
const mostLines = 20;

const words: Readonly<Record<PlacedFailure['kind'], string>> = {
  test: 'failed',
  panic: 'panicked',
  race: 'has a data race',
  timeout: 'ran out of time',
  build: 'does not build',
  package: 'failed outside of its tests',
};

/** `TestPrice in example.com/shop/pricing failed`, in the words for its kind. */
export function failureTitle({ kind, importPath, test }: PlacedFailure): string {
  const what = test === undefined ? importPath : `${test} in ${importPath}`;
  return `${what} ${words[kind]}`;
}

/** `pricing/pricing_test.go` below the workspace; undefined when it is elsewhere. */
export function shownFile(workspace: string, file: string): string | undefined {
  const inside = confine(workspace, file);
  return inside === undefined
    ? undefined
    : path.relative(workspace, inside).split(path.sep).join('/');
}

/** Shows each failure at its line of the pull request, as many as GitHub shows. */
export function annotateFailures(
  log: Log,
  failures: readonly PlacedFailure[],
  workspace: string,
): void {
  for (const failure of failures.slice(0, most)) {
    const { place } = failure;
    const title = failureTitle(failure);
    const text = essentialLines(failure, mostLines).join('\n').trim();
    const file = place === undefined ? undefined : shownFile(workspace, place.file);
    // The same text twice would be one annotation: two tests may fail with the same words.
    log.error(
      `${title}:\n${text === '' ? '(it printed nothing)' : text}`,
      file === undefined || place === undefined
        ? { title: 'Test failed' }
        : { title: 'Test failed', file, startLine: place.line },
    );
  }
}
