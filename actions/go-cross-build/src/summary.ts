import type { PushedImage } from '@slipway/artifact';
import { BuildFailure, type BuiltUnit } from '@slipway/go';
import { renderStepSummary } from '@slipway/report';
import {
  ActionError,
  count,
  errorMessage,
  escapeSummary,
  formatDuration,
  formatSize,
  InputError,
} from '@slipway/runtime';
import type { Artifact } from './output/artifact.ts';
import type { CrossBuilt } from './cross-build.ts';
import type { Plan } from './plan.ts';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeSummary).join(' | ')} |`;
  return ['', line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line), ''].join(
    '\n',
  );
}

function facts(plan: Plan, built: readonly BuiltUnit[]): [string, string][] {
  const { builds, actionsPerBuild } = plan.parallelism;
  const peaks = built.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  const known: [string, string][] = [
    ['Go', plan.toolchain.version],
    ['commit', plan.source.commit ?? 'none'],
    ['at once', `${count(builds, 'build')} with ${count(actionsPerBuild, 'compiler')} each`],
  ];
  if (peaks.length > 0) known.push(['highest memory of a build', formatSize(Math.max(...peaks))]);
  for (const { target, importPaths } of plan.excluded)
    known.push([`left out for ${target}`, importPaths.join(', ')]);
  return known;
}

function buildsTable(built: readonly BuiltUnit[]): string {
  return table(
    ['build', 'programs', 'time', 'peak memory'],
    built.map(({ unit, programs, durationMs, peakMemoryBytes }) => [
      unit.name,
      programs.map(({ name }) => name).join(', '),
      formatDuration(durationMs),
      peakMemoryBytes === undefined ? '' : formatSize(peakMemoryBytes),
    ]),
  );
}

function filesTable(artifacts: readonly Artifact[]): string {
  return table(
    ['artifact', 'target', 'size', 'sha256'],
    artifacts
      .filter(({ type }) => type !== 'image')
      .map(({ type, name, target, bytes, sha256 }) => [
        type === 'binary' ? `${name} (program)` : name,
        target ?? '',
        bytes === undefined ? '' : formatSize(bytes),
        sha256 ?? '',
      ]),
  );
}

function imagesTable(images: readonly PushedImage[]): string {
  if (images.length === 0) return '';
  return table(
    ['image', 'tags', 'pulled size', 'digest'],
    images.map(({ name, tags, platforms, pulledBytes, digest }) => [
      name,
      tags.join(', '),
      platforms
        .map((platform, index) => `${platform} ${formatSize(pulledBytes[index] ?? 0)}`)
        .join(', '),
      digest,
    ]),
  );
}

/** What was made, with sizes, sums, times and memory, in the order of the plan. */
export function builtSummary(plan: Plan, result: CrossBuilt): string {
  const { built, artifacts, images, parts } = result;
  const head = renderStepSummary({
    title: `go-cross-build: ${plan.version}`,
    outcome: plan.source.dirty ? 'warning' : 'ok',
    facts: facts(plan, built),
    parts,
  });
  return head + buildsTable(built) + filesTable(artifacts) + imagesTable([...images.values()]);
}

/** Why nothing, or not all, was made. */
export function failureSummary(error: unknown): string {
  const next = error instanceof InputError || error instanceof ActionError ? error.next : undefined;
  return renderStepSummary({
    title: 'go-cross-build',
    outcome: 'failed',
    facts: [],
    cause:
      error instanceof BuildFailure ? (error.message.split('\n')[0] ?? '') : errorMessage(error),
    ...(next === undefined ? {} : { next }),
    ...(error instanceof BuildFailure
      ? { details: [{ title: 'What go printed', text: error.output.slice(-20_000) }] }
      : {}),
  });
}
