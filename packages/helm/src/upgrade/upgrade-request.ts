import type { FailFast, ProgressLog } from '@slipway/rollout';
import { errorMessage, type Stopwatch } from '@slipway/runtime';
import type { RenderInputs } from '../fingerprint/index.ts';
import type { Scratch } from '../held/index.ts';
import type { ReleasePorts, ReleaseStore, StoredRevision } from '../release/index.ts';
import type { Operation } from '../rollback/index.ts';
import type { Source } from '../source/index.ts';
import { upgradeArguments, type UpgradePlan } from '../tool/index.ts';
import type { IrreversiblePolicy } from './reversibility.ts';

/** One upgrade as the user wants it. */
export interface UpgradeRequest {
  plan: UpgradePlan;
  /** For everything up to the verdict; a rollback has a budget of its own. */
  timeoutMs: number;
  maxRetries: number;
  /** `warn` when absent. */
  irreversible?: IrreversiblePolicy;
  /** Whether a revision that failed stays as it is, for somebody to look at. */
  keepFailed: boolean;
  /** Whether the chart's tests have to pass as well. */
  test: boolean;
  failFast: FailFast;
  /** The commit that the release is made of; without it nothing is compared or stamped. */
  source?: Source | undefined;
  /** Names this job in the lock. */
  owner: string;
  maskSecret: (value: string) => void;
  /** Reads what the chart is rendered from; without it, or where it gives nothing, the chart is rendered each time. */
  readInputs?: (plan: UpgradePlan) => Promise<RenderInputs | undefined>;
  /**
   * Where Helm finds what only it may read. With it the Helm that upgrades a release which is there is the one that
   * rendered it, held before its first write; without it Helm runs twice.
   */
  scratch?: Scratch | undefined;
  /** Called before the first change, with all that is needed to undo it in another process. */
  onBegin: (operation: Operation) => void;
}

/** An upgrade on its way, with the lock of its release in hand. */
export interface UpgradeRun {
  /** Their signal aborts also when the lock is lost. */
  ports: ReleasePorts;
  request: UpgradeRequest;
  store: ReleaseStore;
  watch: Stopwatch;
  progress: ProgressLog;
  /** Milliseconds since 1970. */
  deadlineMs: number;
  /** What decides what the chart renders to; undefined where that cannot be told beforehand. */
  inputs: Promise<RenderInputs | undefined>;
}

/** What is left of the time, a second at least. */
export function remainingMs({ ports, deadlineMs }: UpgradeRun): number {
  return Math.max(1_000, deadlineMs - ports.clock.now());
}

/** Helm's own limits come later than ours, so that ours can tell the cause. */
const helmSlackMs = 30_000;
/** Main has 2 s to hand over after a cancel. */
const killGraceMs = 1_500;

/** Whether Helm applies the release server-side; Helm 4 goes on as the revision before was applied. */
export function appliesServerSide(
  { helm }: Pick<ReleasePorts, 'helm'>,
  active: StoredRevision | undefined,
): boolean {
  return helm.tool.major === 4 && (active === undefined || active.record.apply_method === 'ssa');
}

/** The `helm upgrade` of this run as of now, and how long it may take and linger. */
export function upgradeCommand(
  run: UpgradeRun,
  serverSide: boolean,
): { args: readonly string[]; timeoutMs: number; killGraceMs: number } {
  const timeoutMs = remainingMs(run) + helmSlackMs;
  const { major } = run.ports.helm.tool;
  const args = upgradeArguments(run.request.plan, { major, timeoutMs, serverSide });
  return { args, timeoutMs: timeoutMs + helmSlackMs, killGraceMs };
}

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
