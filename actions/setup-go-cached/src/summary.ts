import type { RestoreReport, SaveReport } from '@slipway/cache';
import type { ReadyToolchain } from '@slipway/go';
import { renderStepSummary, type StepSummary } from '@slipway/report';
import { ActionError, count, errorMessage, formatSize, InputError } from '@slipway/runtime';

type Part = NonNullable<StepSummary['parts']>[number];

const howInstalled = {
  path: 'already in PATH',
  'tool-cache': 'already in the tool cache',
  'download-site': 'downloaded',
  'module-proxy': 'downloaded from GOPROXY',
} as const;

/** One line about a restore, for log and summary. */
export function describeRestore(report: RestoreReport): string {
  const damage = report.damaged === 0 ? '' : `; ${count(report.damaged, 'damaged file')} left out`;
  const size = `${count(report.files, 'file')}, ${formatSize(report.bytes)}${damage}`;
  switch (report.outcome) {
    case 'restored':
      return `${report.exact ? 'exact entry' : 'newest entry'} restored, ${size}`;
    case 'miss':
      return 'no entry yet';
    case 'abandoned':
      return `given up, since it was slower than doing without: ${report.why ?? ''}`;
    case 'failed':
      return `not restored: ${report.why ?? 'unknown cause'}`;
  }
}

/** One line about a save. */
export function describeSave(report: SaveReport): string {
  switch (report.outcome) {
    case 'saved':
      return `saved ${count(report.files, 'file')}, ${formatSize(report.bytes)}`;
    case 'taken':
      return 'another job saved the same already';
    case 'denied':
      return 'not saved: this run may only read caches';
    case 'skipped':
      return `not saved: ${report.why ?? 'nothing to save'}`;
    case 'failed':
      return `not saved: ${report.why ?? 'unknown cause'}`;
  }
}

/** What main did. */
export function setupSummary(done: {
  goVersion: string;
  why: string;
  toolchain: ReadyToolchain;
  installMs: number;
  caches: readonly RestoreReport[];
  cacheNote?: string;
}): string {
  const { provenance, how } = done.toolchain;
  const parts: Part[] = [
    { name: 'toolchain', durationMs: done.installMs, note: howInstalled[how] },
    ...done.caches.map((report) => ({
      name: `${report.layer} cache`,
      durationMs: report.durationMs,
      note: describeRestore(report),
    })),
  ];
  return renderStepSummary({
    title: `setup-go-cached: Go ${done.goVersion}`,
    outcome: 'ok',
    facts: [
      ['version', done.why],
      ...(provenance === undefined
        ? []
        : ([
            ['from', provenance.from],
            ['verified by', provenance.proof],
          ] as const)),
      ...(done.cacheNote === undefined ? [] : ([['cache', done.cacheNote]] as const)),
    ],
    parts,
  });
}

/** Why main failed. */
export function failureSummary(error: unknown): string {
  const known = error instanceof InputError || error instanceof ActionError;
  return renderStepSummary({
    title: 'setup-go-cached',
    outcome: 'failed',
    facts: [],
    cause: errorMessage(error),
    ...(known && error.next !== undefined ? { next: error.next } : {}),
  });
}
