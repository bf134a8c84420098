import { formatDuration, parseDuration, parseSize, quoted } from '../text/index.ts';
import type { InputKind, Optional } from './kind.ts';

/** Milliseconds of a duration such as `90s`. */
export function durationKind(
  rule: Optional<number> & { minMs?: number; maxMs?: number } = {},
): InputKind<number> {
  const { minMs = 0, maxMs = Infinity } = rule;
  const fault = (ms: number | undefined): string | undefined => {
    if (ms === undefined) return 'is not a duration; write for example 90s, 5m or 1h30m.';
    if (ms < minMs) return `is shorter than the least allowed, ${formatDuration(minMs)}.`;
    return ms > maxMs ? `is longer than the most allowed, ${formatDuration(maxMs)}.` : undefined;
  };
  return {
    typing: { type: 'string' },
    read: ({ text, problem }) => {
      if (text === '') return rule.default ?? 0;
      const ms = parseDuration(text);
      const wrong = fault(ms);
      if (wrong === undefined && ms !== undefined) return ms;
      problem(`${quoted(text)} ${wrong ?? ''}`);
      return rule.default ?? 0;
    },
  };
}

/** Bytes of a size such as `512MiB`, within `min` and `max`. */
export function sizeKind(
  rule: Optional<number> & { min?: number; max?: number } = {},
): InputKind<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = rule;
  return {
    typing: { type: 'string' },
    read: ({ text, problem }) => {
      if (text === '') return rule.default ?? 0;
      const bytes = parseSize(text);
      if (bytes === undefined)
        problem(`${quoted(text)} is not a size; write for example 512MiB or 2GB.`);
      else if (bytes < min || bytes > max)
        problem(`${quoted(text)} is not from ${min} to ${max} bytes.`);
      else return bytes;
      return rule.default ?? 0;
    },
  };
}

/** A whole number within `min` and `max`. */
export function integerKind(
  rule: Optional<number> & { min?: number; max?: number } = {},
): InputKind<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = rule;
  return {
    typing: { type: 'integer' },
    read: ({ text, problem }) => {
      if (text === '') return rule.default ?? 0;
      const value = Number(text);
      if (/^-?\d{1,15}$/.test(text) && value >= min && value <= max) return value;
      problem(`${quoted(text)} is not a whole number from ${min} to ${max}.`);
      return rule.default ?? min;
    },
  };
}

/** A share of a whole: a decimal number above 0 and below 1. */
export function shareKind(rule: { default: number }): InputKind<number> {
  return {
    typing: { type: 'float' },
    read: ({ text, problem }) => {
      if (text === '') return rule.default;
      const value = Number(text);
      if (/^[\d.e+-]{1,20}$/i.test(text) && value > 0 && value < 1) return value;
      problem(`${quoted(text)} is not a number above 0 and below 1; write for example 0.05.`);
      return rule.default;
    },
  };
}
