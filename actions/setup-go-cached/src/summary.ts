import type { RestoreReport, SaveReport } from '@slipway/cache';
import type { ReadyToolchain } from '@slipway/go';
import { renderStepSummary, type StepSummary } from '@slipway/report';
import {
  ActionError,
  count,
  errorMessage,
  formatDuration,
  formatSize,
  InputError,
} from '@slipway/runtime';

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
  const made =
    report.worthMs < 1_000 ? '' : `, which took ${formatDuration(report.worthMs)} to make`;
  const size = `${count(report.files, 'file')}, ${formatSize(report.bytes)}${made}${damage}`;
  switch (report.outcome) {
    case 'restored':
      return `${report.exact ? 'all that this job needs' : 'newest entries'} restored, ${size}`;
    case 'partial':
      return `restored in part, ${size}: ${report.why ?? 'an entry is missing'}`;
    case 'present':
      return 'nothing fetched: what is cached is here already, or not needed';
    case 'miss':
      return 'no entry yet';
    case 'abandoned':
      return `given up: ${report.why ?? ''}; what was whole is used (${size})`;
    case 'failed':
      return `not restored: ${report.why ?? 'unknown cause'}`;
  }
}

/** How much of what the job needed an earlier one had made. */
function hitRate({ used }: SaveReport): string {
  if (used === undefined || used.all === 0) return '';
  return `; ${Math.floor((100 * used.restored) / used.all)} % of what this job used was restored`;
}

/** One line about a save. */
export function describeSave(report: SaveReport): string {
  switch (report.outcome) {
    case 'saved':
      return `saved ${count(report.files, 'file')}, ${formatSize(report.bytes)}${hitRate(report)}`;
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

/** What post saved; empty when there is nothing to tell. */
export function saveSummary(saved: readonly SaveReport[]): string {
  if (!saved.some(({ outcome }) => outcome !== 'skipped')) return '';
  return renderStepSummary({
    title: 'setup-go-cached: caches saved',
    outcome: 'ok',
    facts: [],
    parts: saved.map((report) => ({
      name: `${report.layer} cache`,
      durationMs: report.durationMs,
      note: describeSave(report),
    })),
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
