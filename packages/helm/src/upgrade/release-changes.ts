import path from 'node:path';
import { errorMessage } from '@slipway/runtime';
import {
  diffText,
  irreversibleChanges,
  objectDiffs,
  secretHash,
  type LiveChange,
  type ObjectDiff,
} from '../diff/index.ts';
import { readChartFiles } from '../fingerprint/index.ts';
import { isJson } from '../merge/index.ts';
import {
  objectKey,
  parseManifest,
  readObjects,
  type ReleaseRecord,
  type ReleasePorts,
} from '../release/index.ts';
import type { UpgradePlan } from '../tool/index.ts';
import {
  chartValues,
  effectiveValues,
  readValueLayers,
  type ChartValues,
  type EffectiveValue,
} from '../values/index.ts';

/** What an upgrade changes, for people; secrets are in it by their hash alone. */
export interface ReleaseChanges {
  objects: readonly ObjectDiff[];
  /** The objects as text of at most 32,000 bytes. */
  diff: string;
  values: readonly EffectiveValue[];
  /** What no rollback brings back, in words. */
  irreversible: readonly string[];
}

/** What of the deployed manifest the new one no longer has, as the cluster has it now. */
async function removedObjects(
  { kube }: ReleasePorts,
  { deployed, rendered }: { deployed: ReleaseRecord | undefined; rendered: ReleaseRecord },
  namespace: string,
): Promise<readonly LiveChange[]> {
  const kept = new Set(
    parseManifest(rendered.manifest ?? '').map((object) => objectKey(object, namespace)),
  );
  const gone = parseManifest(deployed?.manifest ?? '').filter(
    (object) => !kept.has(objectKey(object, namespace)),
  );
  const live = await readObjects(kube, gone, namespace);
  return live.map(({ name, object }) => ({ object: name, before: object, after: undefined }));
}

/** The chart's own values and those of the charts in it; all as the chart's where its files cannot be read. */
async function ownValues(plan: UpgradePlan, { chart }: ReleaseRecord): Promise<ChartValues> {
  const stored = isJson(chart?.values) ? chart.values : {};
  const whole = { layers: [{ origin: 'chart', values: stored }], subcharts: [] };
  // A name that only Helm can resolve has no files here.
  if (!path.isAbsolute(plan.chart)) return whole;
  try {
    return chartValues(await readChartFiles(plan.chart), stored);
  } catch {
    return whole;
  }
}

/**
 * What the upgrade changes: `tried` is what the trial found of the objects of the new manifest. It never
 * keeps an upgrade back: what cannot be told is left out, and said at debug level.
 */
export async function releaseChanges(
  ports: ReleasePorts,
  plan: UpgradePlan,
  found: {
    deployed: ReleaseRecord | undefined;
    rendered: ReleaseRecord;
    tried: readonly LiveChange[];
  },
): Promise<ReleaseChanges> {
  const hash = secretHash();
  const orNothing = async <T>(what: string, read: Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await read;
    } catch (error) {
      ports.signal.throwIfAborted();
      ports.log.debug(`${what} cannot be told: ${errorMessage(error)}`);
      return [];
    }
  };
  const [removed, own, given] = await Promise.all([
    orNothing('What goes away', removedObjects(ports, found, plan.namespace)),
    ownValues(plan, found.rendered),
    orNothing('The values', readValueLayers(plan.valueFiles)),
  ]);
  const all = [...found.tried, ...removed];
  const objects = objectDiffs(all, hash);
  return {
    objects,
    diff: diffText(objects),
    values: effectiveValues([...own.layers, ...given], hash, own.subcharts),
    irreversible: irreversibleChanges(all),
  };
}
