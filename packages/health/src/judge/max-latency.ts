import { parseDuration } from '@slipway/runtime';

/** How many requests may take how long: `p99 < 250ms` lets 1 % of them take 250 ms or more. */
export interface MaxLatency {
  /** The share of requests that may be slower, above 0 and below 1. */
  share: number;
  limitSeconds: number;
  /** As it was written. */
  text: string;
}

/** Reads `p99 < 250ms`, `p99.9 <= 2s`; undefined of an empty text. Throws with the form expected. */
export function parseMaxLatency(text: string): MaxLatency | undefined {
  if (text.trim() === '') return undefined;
  const match = /^p(\d{1,2}(?:\.\d{1,3})?)\s*<=?\s*(\S+)$/i.exec(text.trim());
  const share = match === null ? 0 : 1 - Number(match[1]) / 100;
  const limitMs = parseDuration(match?.[2] ?? '');
  if (!(share > 0 && share < 1) || limitMs === undefined || limitMs <= 0)
    throw new Error(
      `${JSON.stringify(text)} is not a latency; write a percentile and a duration, for example "p99 < 250ms".`,
    );
  // 1 - 0.99 is not 0.01 in binary.
  return { share: Number(share.toPrecision(6)), limitSeconds: limitMs / 1000, text: text.trim() };
}
