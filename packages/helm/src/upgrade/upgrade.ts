import { createProgressLog } from '@slipway/rollout';
import { stopwatch } from '@slipway/runtime';
import {
  lockRelease,
  openReleaseStore,
  type LockRequest,
  type ReleaseLock,
  type ReleasePorts,
} from '../release/index.ts';
import type { Operation } from '../rollback/index.ts';
import { canStamp, checkSource, stampedPlan } from '../source/index.ts';
import type { HelmRunner } from '../tool/index.ts';
import { announce, carryOut, noteOperation, type CarriedOut } from './carrying-out.ts';
import { applyCrds } from './chart-crds.ts';
import { prepareUpgrade, type PreparedUpgrade } from './preparation.ts';
import { tellChanges, triedChanges } from './tried-changes.ts';
import { confirmUnchanged } from './unchanged.ts';
import { UnfinishedUpgradeError, type UpgradeResult } from './upgrade-result.ts';
import { beginReadingInputs, type UpgradeRequest, type UpgradeRun } from './upgrade-request.ts';

/** The request with a plan whose revision names the commit that it is made of, where there is one. */
function stamped(
  { helm, log }: Pick<ReleasePorts, 'helm' | 'log'>,
  request: UpgradeRequest,
): UpgradeRequest {
  const { source, plan } = request;
  if (source === undefined) return request;
  const { version } = helm.tool;
  if (!canStamp(version))
    log.warning(
      `Helm ${version} cannot label a release, so the next run cannot tell which commit is deployed. ` +
        'Set helm-version to 3.13 or later.',
      { title: 'Commit not recorded' },
    );
  return { ...request, plan: stampedPlan(plan, source.commit, version) };
}

/** The steps of an upgrade; `onBegin` is called right before the first change. */
async function takeSteps(
  run: UpgradeRun,
  options: { ours: boolean; locked: boolean; onBegin: (operation: Operation) => void },
): Promise<CarriedOut> {
  const prepared = await prepareUpgrade(run, options.ours);
  try {
    return await takePreparedSteps(run, prepared, options);
  } finally {
    await prepared.held?.drop();
  }
}

/** The steps after the preparation. A Helm that is held and not let go is left to the caller. */
async function takePreparedSteps(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
  options: { locked: boolean; onBegin: (operation: Operation) => void },
): Promise<CarriedOut> {
  const { ports, request, watch } = run;
  const { active, crdChanges, differences } = prepared;
  if (active !== undefined && differences.length === 0) {
    const [result] = await Promise.all([
      confirmUnchanged(run, prepared, active),
      prepared.held?.drop(),
    ]);
    return { result };
  }
  const [changes, operation] = await Promise.all([
    watch.time('Trial', () => triedChanges(run, prepared)),
    noteOperation(run, prepared),
  ]);
  await tellChanges(run, changes);
  if (request.plan.crds === 'upgrade') await watch.time('CRDs', () => applyCrds(ports, crdChanges));
  announce(run, prepared);
  // Nobody kept another job from deploying a newer commit meanwhile.
  if (!options.locked && request.source !== undefined)
    await checkSource(ports, request.source, await run.store.history());
  options.onBegin(operation);
  const { result, ...rest } = await carryOut(run, prepared, operation);
  return { result: { ...result, changes }, ...rest };
}

/** The ports of an upgrade, whose Helm may still be looked for: the lock does not wait for it. */
export interface UpgradePorts extends Omit<ReleasePorts, 'helm'> {
  helm: HelmRunner | Promise<HelmRunner>;
}

/** Takes the lock beside what finds Helm; holds none when that fails. */
async function lockWithHelm(
  ports: UpgradePorts,
  request: LockRequest,
): Promise<{ lock: ReleaseLock; helm: HelmRunner }> {
  const noHelm = new AbortController();
  const finding = Promise.resolve(ports.helm);
  finding.catch((error: unknown) => noHelm.abort(error));
  const signal = AbortSignal.any([request.signal, noHelm.signal]);
  const [lock, helm] = await Promise.allSettled([lockRelease({ ...request, signal }), finding]);
  if (lock.status === 'rejected') throw lock.reason;
  if (helm.status === 'fulfilled') return { lock: lock.value, helm: helm.value };
  await lock.value.release();
  throw helm.reason;
}

/**
 * Installs or upgrades a release and stands by until it serves. Nothing is done when nothing differs; a
 * broken rollout is given up in seconds and rolled back (a first install: taken away), and the rollback
 * is proven. Expected failures are values. What stops it before the first change is thrown as it is;
 * after that as an UnfinishedUpgradeError, or as the signal's reason on a cancel.
 */
export async function upgradeRelease(
  ports: UpgradePorts,
  request: UpgradeRequest,
): Promise<UpgradeResult> {
  const { kube, clock, log, signal, redact } = ports;
  const { owner, timeoutMs } = request;
  const { release, namespace } = request.plan;
  const begun: Operation[] = [];
  const deadlineMs = clock.now() + timeoutMs;
  const waitMs = Math.max(1_000, timeoutMs);
  const inputs = beginReadingInputs(ports, request);
  const watch = stopwatch(clock);
  const { lock, helm } = await watch.time('Lock', () =>
    lockWithHelm(ports, { kube, clock, log, signal, release, namespace, owner, timeoutMs: waitMs }),
  );
  const run = {
    ports: { kube, clock, log, helm, redact, signal: AbortSignal.any([signal, lock.lost]) },
    request: stamped({ helm, log }, request),
    store: openReleaseStore(kube, release, namespace, helm.driver),
    watch,
    progress: createProgressLog(log, clock),
    deadlineMs,
    inputs,
  };
  try {
    const { result, noted } = await takeSteps(run, {
      ours: lock.deadHolder !== undefined,
      locked: lock.held,
      onBegin: (operation) => {
        request.onBegin(operation);
        begun.push(operation);
      },
    });
    await Promise.all([lock.release(), noted]);
    return result;
  } catch (error) {
    const [operation] = begun;
    // The lock stays for the post step, which has the same owner and finishes what was begun.
    if (signal.aborted) throw error;
    if (operation !== undefined)
      throw new UnfinishedUpgradeError(operation, { cause: error, takenBy: lock.takenBy() });
    await lock.release();
    throw error;
  }
}
