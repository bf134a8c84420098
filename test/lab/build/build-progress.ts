import { formatDuration } from '@slipway/runtime';

/** How far the making of Kubernetes is. */
export interface BuildProgress {
  phase: 'waiting' | 'asking' | 'downloading' | 'modules' | 'compiling' | 'linking' | 'done';
  /** Packages or, while downloading, bytes. */
  done: number;
  total: number;
  /** Since the phase began. */
  elapsedMs: number;
  /** What the last minute brought, while compiling: the pace changes with what else the machine does. */
  recent?: { done: number; ms: number };
  /** The process that makes it, when that is another one. */
  owner?: number;
}

/** Linking the one program took between 10 s and 25 s wherever it was measured. */
const linkMs = 15_000;
/** Fewer packages say nothing of the pace: the first are small, or come from the cache. */
const enoughPackages = 25;

/** Milliseconds left, or undefined when it is too early to say. */
export function predictRemaining(progress: BuildProgress): number | undefined {
  const { phase, done, total, elapsedMs, recent } = progress;
  if (phase === 'done') return 0;
  if (phase === 'linking') return Math.max(1_000, linkMs - elapsedMs);
  if (phase === 'downloading')
    return done === 0 ? undefined : Math.round((elapsedMs / done) * (total - done));
  if (phase !== 'compiling' || done < Math.min(enoughPackages, total / 2)) return undefined;
  const pace = recent === undefined || recent.done === 0 ? { done, ms: elapsedMs } : recent;
  return Math.round((pace.ms / pace.done) * (total - done)) + linkMs;
}

function bar(share: number): string {
  const width = 24;
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

const words: Readonly<Record<BuildProgress['phase'], string>> = {
  waiting: 'waiting for the process that makes it',
  asking: 'looking for the official release',
  downloading: 'downloading the official release',
  modules: 'fetching modules',
  compiling: 'compiling',
  linking: 'linking',
  done: 'ready',
};

/** How much of the bar is filled, 0 to 1. */
function shareOf({ phase, done, total }: BuildProgress): number {
  if (phase === 'linking' || phase === 'done') return 1;
  return total === 0 ? 0 : done / total;
}

function countOf({ phase, done, total }: BuildProgress): string {
  if (phase === 'compiling') return ` ${done} of ${total} packages`;
  if (phase === 'downloading') return ` ${Math.round(done / 1e6)} of ${Math.round(total / 1e6)} MB`;
  return phase === 'modules' && done > 0 ? ` (${done} so far)` : '';
}

function endOf(progress: BuildProgress, clock: number): string {
  const remaining = predictRemaining(progress);
  if (remaining === undefined || progress.phase === 'done') return '';
  const wait = formatDuration(Math.ceil(remaining / 1000) * 1000);
  return `, ready in about ${wait} (${new Date(clock + remaining).toTimeString().slice(0, 5)})`;
}

/** One line for people: a bar, what is done, when it will end. `clock` is the time of day in milliseconds. */
export function renderProgress(progress: BuildProgress, clock: number): string {
  const { phase, owner } = progress;
  const other = owner === undefined ? '' : ` (by process ${owner})`;
  return `${bar(shareOf(progress))} ${words[phase]}${countOf(progress)}${other}${endOf(progress, clock)}`;
}
