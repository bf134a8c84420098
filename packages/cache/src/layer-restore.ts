import { existsSync } from 'node:fs';
import path from 'node:path';
import { errorMessage, type Clock } from '@slipway/runtime';
import type { Layer } from './layer/index.ts';
import {
  arrivedIndex,
  packClass,
  placeFiles,
  readManifest,
  type ListedPack,
  type Manifest,
  type PackClass,
} from './pack/index.ts';
import { blame, emptyReport, type RestoredPack, type RestoreReport } from './restore-report.ts';
import type { Transfer } from './transfer/index.ts';
import { GivenUpError, waitPatiently } from './worth/index.ts';

/** The worth of an entry is told by its manifest: until it is here, nobody knows for what to wait longer. */
const lookupMs = 10_000;
const quietMs = 6_000;
/** So little time is not worth judging a link by. */
const leastWorthMs = 2_000;
const leastMs = 10_000;
/** A pack of which a run needs a smaller share is left alone. */
const leastShare = 0.2;

/** What is wanted of one layer. */
export interface LayerRequest {
  layer: Layer;
  lookup: readonly string[];
  /** The beginning of the keys of manifests for exactly this. */
  exactPrefix: string;
  /** This job, as manifests list it. */
  job: string;
  /** Packs of other classes are left alone. */
  classes: readonly PackClass[];
  /** Paths that a run can need and does not have; without it everything is wanted. */
  wanted?: ReadonlySet<string>;
}

/** A report, and what post goes on from. */
export interface RestoredLayer {
  report: RestoreReport;
  /** All packs of the manifest that are of use for the next one. */
  packs: RestoredPack[];
  /** That of the manifest found; empty when another's was. */
  jobs: string[];
  tools: Manifest['tools'];
}

interface Ports {
  clock: Clock;
  transfer: Transfer;
}

/** An entry came that is of no use. */
class DamagedEntryError extends Error {}

const damagedEntry = (cause: unknown): DamagedEntryError =>
  new DamagedEntryError(`an entry was damaged: ${errorMessage(cause)}`);

/**
 * The newest manifest of a layer. Throws DamagedEntryError for one that cannot be read; otherwise when the service
 * does not say, or says it too late.
 */
async function findManifest(
  { clock, transfer }: Ports,
  lookup: readonly string[],
): Promise<{ key: string; manifest: Manifest } | undefined> {
  if (lookup.length === 0) return undefined;
  const patience = {
    what: 'looking for an entry',
    leastMs: lookupMs,
    quietMs,
    progress: () => ({ done: transfer.traffic().received }),
  };
  const found = await waitPatiently(clock, patience, transfer.fetch(lookup));
  if (found.kind === 'failed') throw new Error(found.why);
  if (found.kind === 'damaged') throw damagedEntry(found.why);
  if (found.kind === 'missing') return undefined;
  try {
    return { key: found.key, manifest: readManifest(arrivedIndex(transfer.arrivals, found.key)) };
  } catch (error) {
    throw damagedEntry(error);
  }
}

/** What the request wants, and the tools that its job installed when it ran last. */
function wantedOf(
  { layer, job, wanted }: LayerRequest,
  { tools }: Manifest,
): ReadonlySet<string> | undefined {
  if (wanted === undefined) return undefined;
  const ofJob = (tools[job] ?? []).filter(
    (file) => layer.accepts(file) && !existsSync(path.join(layer.folder, file)),
  );
  return new Set([...wanted, ...ofJob]);
}

function isWanted(pack: ListedPack, wanted: ReadonlySet<string> | undefined): boolean {
  if (wanted === undefined || pack.contents === undefined) return true;
  const bytes = pack.contents.reduce((sum, [file, size]) => sum + (wanted.has(file) ? size : 0), 0);
  return bytes > 0 && bytes >= pack.bytes * leastShare;
}

/** Fetches a pack and brings its files to their places. Undefined when it is not to be had. */
async function restorePack(
  { transfer }: Ports,
  layer: Layer,
  pack: ListedPack,
  report: RestoreReport,
): Promise<RestoredPack | undefined> {
  const fetched = await transfer.fetch([pack.key]);
  if (fetched.kind === 'failed') {
    blame(report, 'service', fetched.why);
    return undefined;
  }
  const damaged = (why: string, paths: string[] = []): RestoredPack => {
    blame(report, 'entry', why);
    return { pack, paths, isDamaged: true };
  };
  if (fetched.kind === 'damaged') return damaged(damagedEntry(fetched.why).message);
  if (fetched.kind === 'missing' || fetched.key !== pack.key) {
    blame(report, 'entry', 'an entry is no longer there');
    return undefined;
  }
  report.bytes += pack.packedBytes;
  try {
    const placed = placeFiles(layer, transfer.arrivals, pack.key);
    report.files += placed.files;
    report.worthMs += pack.worthMs;
    report.damaged += placed.damaged;
    if (placed.damaged > 0) return damaged('an entry was damaged', placed.paths);
    return { pack, paths: placed.paths };
  } catch (error) {
    // Of a full disk or a folder without rights the entry knows nothing.
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) return damaged(damagedEntry(error).message);
    blame(report, 'machine', errorMessage(error));
    return undefined;
  }
}

interface Chosen {
  request: LayerRequest;
  report: RestoreReport;
  manifest: Manifest;
  packs: ListedPack[];
  /** Packs that are not fetched, but are as good as ever. */
  passed: ListedPack[];
  /** See `wantedOf`. */
  wanted: ReadonlySet<string> | undefined;
}

/** Finds the manifest and chooses packs. The report is final unless something was chosen. */
async function choose(ports: Ports, request: LayerRequest): Promise<Chosen> {
  const report = emptyReport(request.layer.name);
  const chosen: Chosen = {
    request,
    report,
    manifest: { packs: [], jobs: [], tools: {} },
    packs: [],
    passed: [],
    wanted: request.wanted,
  };
  try {
    const found = await findManifest(ports, request.lookup);
    if (found === undefined) return chosen;
    report.key = found.key;
    const isExact = found.key.startsWith(request.exactPrefix);
    report.exact = isExact && found.manifest.jobs.includes(request.job);
    chosen.manifest = { ...found.manifest, jobs: isExact ? found.manifest.jobs : [] };
    const wanted = wantedOf(request, found.manifest);
    chosen.wanted = wanted;
    for (const pack of found.manifest.packs) {
      const kind = packClass(pack.key);
      if (kind === undefined || !request.classes.includes(kind)) continue;
      (isWanted(pack, wanted) ? chosen.packs : chosen.passed).push(pack);
    }
    if (chosen.packs.length > 0) report.outcome = 'restored';
    else if (request.wanted !== undefined) report.outcome = 'present';
  } catch (error) {
    report.outcome = error instanceof GivenUpError ? 'abandoned' : 'failed';
    report.broken = error instanceof DamagedEntryError ? 'entry' : 'service';
    report.why = errorMessage(error);
  }
  return chosen;
}

function finish(chosen: Chosen, restored: readonly RestoredPack[]): RestoredLayer {
  const { request, report, manifest, packs, passed, wanted } = chosen;
  const whole = restored.filter(({ isDamaged }) => isDamaged !== true);
  if (report.outcome === 'restored' && whole.length < packs.length) {
    report.outcome = restored.some(({ paths }) => paths.length > 0) ? 'partial' : 'failed';
    report.exact = false;
  }
  if (report.outcome === 'abandoned') report.exact = false;
  const isMissing = (file: string): boolean =>
    wanted?.has(file) === true && !existsSync(path.join(request.layer.folder, file));
  const left = passed.map((pack) => {
    const has = (pack.contents ?? []).map(([file]) => file);
    // What the job has to fetch elsewhere is saved in a pack that is worth fetching.
    const paths = has.filter((file) => !isMissing(file));
    if (paths.length < has.length) report.exact = false;
    return { pack, paths };
  });
  return {
    report,
    packs: [...restored, ...left],
    // With something lost, nobody knows any more for whom what is left is enough.
    jobs: whole.length < packs.length ? [] : manifest.jobs,
    tools: manifest.tools,
  };
}

/**
 * Restores layers side by side: first what packs there are, then those that are wanted. They share one link, so they
 * are waited for, and given up, together; a pack that is whole by then is used.
 */
export async function restoreLayers(
  ports: Ports,
  requests: readonly LayerRequest[],
): Promise<RestoredLayer[]> {
  const { clock, transfer } = ports;
  const startedMs = clock.now();
  const all = await Promise.all(requests.map((request) => choose(ports, request)));
  const packs = all.flatMap((chosen) => chosen.packs);
  const total = packs.reduce((sum, pack) => sum + pack.packedBytes, 0);
  const worthMs = packs.reduce((sum, pack) => sum + pack.worthMs, 0);
  const before = transfer.traffic().received;
  const restored = all.map((): RestoredPack[] => []);
  const work = all.map(async (chosen, index) => {
    const { request, report } = chosen;
    await Promise.all(
      chosen.packs.map(async (pack) => {
        const here = await restorePack(ports, request.layer, pack, report);
        if (here !== undefined) restored[index]?.push(here);
      }),
    );
    if (chosen.packs.length > 0) report.durationMs = clock.now() - startedMs;
  });
  const patience = {
    what: 'restoring',
    worthMs: Math.max(worthMs, leastWorthMs),
    leastMs,
    quietMs,
    progress: () => ({ done: transfer.traffic().received - before, total }),
  };
  try {
    if (packs.length > 0) await waitPatiently(clock, patience, Promise.all(work));
  } catch (error) {
    for (const [index, { report, packs: asked }] of all.entries())
      if (report.outcome === 'restored' && (restored[index]?.length ?? 0) < asked.length) {
        report.outcome = 'abandoned';
        report.broken = 'service';
        report.why = errorMessage(error);
      }
  }
  for (const { report } of all) report.durationMs ||= clock.now() - startedMs;
  return all.map((chosen, index) => finish(chosen, [...(restored[index] ?? [])]));
}
