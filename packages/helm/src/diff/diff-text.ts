import type { FieldChange } from './field-changes.ts';
import type { ObjectDiff } from './object-diff.ts';

/** How much of a diff is shown. */
const limits = {
  /** Bytes of the whole; outputs travel in environment variables. */
  bytes: 32_000,
  linesOfObject: 60,
  /** Characters of one value. */
  value: 300,
  /** Lines of each side of a text of several lines. */
  linesOfText: 12,
};

const signs = { new: '+', changed: '~', removed: '-' } as const;

function clipped(text: string): string {
  return text.length <= limits.value ? text : `${text.slice(0, limits.value).toWellFormed()}…`;
}

function valueText(value: unknown): string {
  const isHash = typeof value === 'string' && /^\(secret [0-9a-f]{8}\)$/.test(value);
  return isHash ? value : clipped(JSON.stringify(value));
}

function shown(lines: readonly string[], sign: string): readonly string[] {
  const kept = lines.slice(0, limits.linesOfText).map((line) => `${sign} ${clipped(line)}`);
  const more = lines.length - kept.length;
  return more > 0 ? [...kept, `${sign} … ${more} more lines`] : kept;
}

/** The lines between the beginning and the end that two texts share. */
function textHunk(before: string, after: string): readonly string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const shortest = Math.min(old.length, now.length);
  let start = 0;
  while (start < shortest && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shortest - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    `@ line ${start + 1}`,
    ...shown(old.slice(start, old.length - end), '-'),
    ...shown(now.slice(start, now.length - end), '+'),
  ];
}

/** One field in a line, or the lines of a longer text that differ. */
export function fieldText({ path, before, after }: FieldChange): readonly string[] {
  if (before === undefined) return [`+ ${path}: ${valueText(after)}`];
  if (after === undefined) return [`- ${path}: ${valueText(before)}`];
  const isText = typeof before === 'string' && typeof after === 'string';
  if (isText && `${before}${after}`.includes('\n'))
    return [`~ ${path}:`, ...textHunk(before, after).map((line) => `    ${line}`)];
  return [`~ ${path}: ${valueText(before)} → ${valueText(after)}`];
}

function objectText({ object, change, fields }: ObjectDiff): string {
  const lines = fields.flatMap(fieldText);
  const kept = lines.slice(0, limits.linesOfObject);
  const more = lines.length - kept.length;
  const rest = more > 0 ? [`… ${more} more lines`] : [];
  return [
    `${signs[change]} ${object.replace(/\s+/g, ' ')}`,
    ...[...kept, ...rest].map((line) => `  ${line}`),
  ].join('\n');
}

/** The diff as text of at most 32,000 bytes; what does not fit is counted. */
export function diffText(diffs: readonly ObjectDiff[]): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const diff of diffs) {
    const text = objectText(diff);
    bytes += Buffer.byteLength(text) + 1;
    // Room for the last line.
    if (bytes > limits.bytes - 60) break;
    kept.push(text);
  }
  const more = diffs.length - kept.length;
  return [...kept, ...(more > 0 ? [`… ${more} more objects change`] : [])].join('\n');
}
