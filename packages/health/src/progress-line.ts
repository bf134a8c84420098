import { formatDuration } from '@slipway/runtime';
import type { Finding, Progress } from './judge/index.ts';

const longest = 160;

/** One line for the log: what is good by name, and in words only what is not. */
export function progressLine(findings: readonly Finding[], progress: Progress): string {
  const good = findings.filter(({ state }) => state === 'good').map(({ check }) => check);
  const rest = findings
    .filter(({ state }) => state !== 'good')
    .map(({ check, state, detail }) => `${check} ${state}: ${detail.replace(/\s+/g, ' ')}`)
    .map((text) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text));
  const soak =
    progress.soakedMs === 0
      ? 'soak not begun'
      : `soak ${formatDuration(progress.soakedMs)} of ${formatDuration(progress.minSoakMs)}`;
  const parts = [...(good.length === 0 ? [] : [`good: ${good.join(', ')}`]), ...rest];
  return `${formatDuration(progress.elapsedMs)}, ${soak}; ${parts.join('; ')}`;
}
