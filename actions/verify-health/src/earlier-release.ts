import type { VerifyResult } from '@slipway/health';
import { errorMessage, formatDuration, type Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';
import { verifyWorkload } from './verification.ts';

/** What is known of the revision that a rollback has gone back to. */
export type EarlierRelease =
  { kind: 'verified'; result: VerifyResult } | { kind: 'not-verified'; why: string };

/** The earlier revision served once: a short soak shows whether it does again. */
const longestSoakMs = 15_000;

/**
 * Asks of the old pods what was asked of the new ones, with a soak of at most 15 s and within `leftMs`.
 * What cannot be asked is part of the result; thrown is the signal's reason alone.
 */
export async function verifyEarlier(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  leftMs: number,
): Promise<EarlierRelease> {
  const minSoakMs = Math.min(inputs.minSoakMs, longestSoakMs);
  const deadlineMs = Math.min(inputs.deadlineMs, leftMs);
  if (deadlineMs <= minSoakMs)
    return {
      kind: 'not-verified',
      why: `rollback-timeout leaves ${formatDuration(Math.max(0, leftMs))}, and the soak takes ${formatDuration(minSoakMs)}`,
    };
  run.log.info(`Verifying the earlier revision for ${formatDuration(minSoakMs)}`);
  try {
    // The images are those of the release that was left.
    const of = { images: [], minSoakMs, deadlineMs };
    return { kind: 'verified', result: await verifyWorkload(run, cluster, inputs, { of }) };
  } catch (error) {
    run.signal.throwIfAborted();
    return { kind: 'not-verified', why: errorMessage(error) };
  }
}
