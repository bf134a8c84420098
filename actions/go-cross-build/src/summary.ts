import { BuildFailure } from '@slipway/go';
import { renderStepSummary } from '@slipway/report';
import {
  ActionError,
  errorMessage,
  escapeSummary,
  formatDuration,
  formatSize,
  InputError,
} from '@slipway/runtime';
import type { CrossBuilt, Plan } from './cross-build.ts';

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeSummary).join(' | ')} |`;
  return ['', line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line), ''].join(
    '\n',
  );
}

/** What was made, with sizes, sums, times and memory. */
export function builtSummary(plan: Plan, result: CrossBuilt): string {
  const { built, artifacts, images } = result;
  const peaks = built.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  const head = renderStepSummary({
    title: `go-cross-build: ${plan.version}`,
    outcome: plan.source.dirty ? 'warning' : 'ok',
    facts: [
      ['Go', plan.toolchain.version],
      ['commit', plan.source.commit ?? 'none'],
      [
        'at once',
        `${counted(plan.parallelism.builds, 'build')} with ${counted(plan.parallelism.actionsPerBuild, 'compiler')} each`,
      ],
      ...(peaks.length === 0
        ? []
        : [['highest memory of a build', formatSize(Math.max(...peaks))] as const]),
      ...plan.excluded.map(
        ({ target, importPaths }) =>
          [`left out for ${target}`, importPaths.join(', ')] as [string, string],
      ),
    ],
    parts: result.parts,
  });
  const builds = table(
    ['build', 'programs', 'time', 'peak memory'],
    built.map(({ unit, programs, durationMs, peakMemoryBytes }) => [
      unit.name,
      programs.map(({ name }) => name).join(', '),
      formatDuration(durationMs),
      peakMemoryBytes === undefined ? '' : formatSize(peakMemoryBytes),
    ]),
  );
  const files = table(
    ['artifact', 'target', 'size', 'sha256'],
    artifacts
      .filter(({ type }) => type !== 'image')
      .map((each) => [
        each.type === 'binary' ? `${each.name} (program)` : each.name,
        each.target ?? '',
        each.bytes === undefined ? '' : formatSize(each.bytes),
        each.sha256 ?? '',
      ]),
  );
  const pushed =
    images.size === 0
      ? ''
      : table(
          ['image', 'tags', 'pulled size', 'digest'],
          [...images.values()].map((image) => [
            image.name,
            image.tags.join(', '),
            image.platforms
              .map((platform, index) => `${platform} ${formatSize(image.pulledBytes[index] ?? 0)}`)
              .join(', '),
            image.digest,
          ]),
        );
  return head + builds + files + pushed;
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
