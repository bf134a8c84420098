import { SourceRefusedError, type UpgradeResult } from '@slipway/helm';
import type { Outputs, TimedPart } from '@slipway/runtime';
import { errorCode, resultCode } from './reason-code.ts';

/** `proven` and `not-proven` of what was undone; empty when nothing was. */
function proofOf({ rolledBack, proven }: UpgradeResult): string {
  if (!rolledBack) return '';
  return proven === true ? 'proven' : 'not-proven';
}

/** Milliseconds of each part, as JSON: `{"render":163,"upgrade":2210}`. */
function timingsOf(parts: readonly TimedPart[]): string {
  const named = parts.map(({ name, durationMs }) => [
    name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    Math.round(durationMs),
  ]);
  return JSON.stringify(Object.fromEntries(named));
}

/** Sets the outputs of an upgrade that came to a result. */
export function setResultOutputs(outputs: Outputs, result: UpgradeResult): void {
  outputs.set('status', result.status);
  outputs.set('revision', String(result.revision ?? ''));
  outputs.set('previous-revision', String(result.previousRevision ?? ''));
  outputs.set('changed', String(result.changed));
  outputs.set('would-change', String(result.outcome === 'would-change'));
  outputs.set('rolled-back', String(result.rolledBack));
  outputs.set('proof', proofOf(result));
  outputs.set('deployed-commit', result.deployedCommit ?? '');
  outputs.setText('reason', result.reason);
  outputs.set('reason-code', resultCode(result));
  outputs.setText('diff', result.changes?.diff ?? '');
  outputs.set('timings', timingsOf(result.parts));
}

/** Sets the outputs of an upgrade that ended by an error. */
export function setErrorOutputs(outputs: Outputs, error: unknown, cause: unknown): void {
  outputs.setText('reason', error instanceof Error ? error.message : String(error));
  outputs.set('reason-code', errorCode(cause));
  if (cause instanceof SourceRefusedError)
    outputs.set('deployed-commit', cause.deployedCommit ?? '');
}
