import { headline, type TestReport } from '@slipway/go';
import { ActionError, count } from '@slipway/runtime';
import { failureTitle } from './annotations.ts';
import type { PlacedFailure } from './placed-failure.ts';

/** What the run was. */
interface RedRun {
  report: TestReport;
  exitCode: number;
  race: boolean;
}

function next({ test, importPath }: PlacedFailure, race: boolean): string {
  const flag = race ? ' -race' : '';
  const name = /^\w+/.exec(test ?? '')?.[0];
  if (name === undefined) return `Look at the lines above, or run: go test${flag} ${importPath}`;
  // -run never picks a benchmark.
  const pick = name.startsWith('Benchmark') ? `-run=^$ -bench=^${name}$` : `-run=^${name}$`;
  return `Run it alone: go test${flag} ${pick} ${importPath}`;
}

/** What the step ends with: the first failure by name, and how many there are besides. */
export function failedRun(failures: readonly PlacedFailure[], run: RedRun): ActionError {
  const [first] = failures;
  if (first === undefined)
    return new ActionError(
      `go test failed (exit code ${run.exitCode}): ${run.report.stray.slice(-3).join(' ') || 'it printed nothing'}`,
      { title: 'Tests failed', next: 'Check packages, flags and GOFLAGS: no test was run.' },
    );
  const others = failures.length - 1;
  const more = others === 0 ? '' : ` (and ${count(others, 'more failure')})`;
  return new ActionError(
    `${failureTitle(first)}: ${headline(first) || 'it printed nothing'}${more}`,
    {
      title: 'Tests failed',
      next: next(first, run.race),
    },
  );
}
