import { fingerprintOf, readOrigin, type RenderInputs } from '../fingerprint/index.ts';
import type { ReleasePorts, ReleaseRecord, StoredRevision } from '../release/index.ts';
import { errorMessage } from '@slipway/runtime';
import type { UpgradeRequest, UpgradeRun } from './upgrade-request.ts';

/** Begins to read what decides what the chart renders to. It only saves time, so it never fails. */
export async function beginReadingInputs(
  { log }: Pick<ReleasePorts, 'log'>,
  { plan, readInputs }: UpgradeRequest,
): Promise<RenderInputs | undefined> {
  try {
    return await readInputs?.(plan);
  } catch (error) {
    log.debug(`The chart cannot be looked through: ${errorMessage(error)}`);
    return undefined;
  }
}

/** The digest of all that the release is rendered from now; undefined when that cannot be told. */
export async function originOf({ inputs, ports }: UpgradeRun): Promise<string | undefined> {
  const known = await inputs;
  return known === undefined ? undefined : await readOrigin(ports, known);
}

/**
 * What the deployed revision holds, when it was rendered from just what the release would be rendered from
 * now, so that a render would give the same. Undefined when that is not so, or not known.
 */
export function recognized(
  origin: string | undefined,
  active: StoredRevision | undefined,
): ReleaseRecord | undefined {
  if (origin === undefined || active?.status !== 'deployed') return undefined;
  const { fingerprint, record } = active;
  return fingerprint === fingerprintOf(origin, record) ? record : undefined;
}
