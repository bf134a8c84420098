import { ExecError, type ExecResult } from '@slipway/exec';
import type { KubeClient } from '@slipway/kube';
import { ActionError } from '@slipway/runtime';
import type { ReleaseRecord } from '../release/index.ts';
import type { HelmRunner } from '../tool/index.ts';
import type { Scratch } from './scratch.ts';
import { writeGate } from './write-gate.ts';

/** A `helm upgrade` that has rendered its chart and stands before its first write. */
export interface HeldUpgrade {
  /** What it is about to store. */
  rendered: ReleaseRecord;
  /**
   * Lets it write; to be called once. Ends as `HelmCommands.run` does. Helm is told to stop when `signal`
   * aborts.
   */
  letGo(signal: AbortSignal): Promise<ExecResult>;
  /** Ends it with nothing written. Does nothing after `letGo`. */
  drop(): Promise<void>;
}

/** Which upgrade is held, and what with. */
export interface HoldRequest {
  release: string;
  namespace: string;
  /** Of `helm upgrade`, for a release that is there. */
  args: readonly string[];
  scratch: Scratch;
  maskSecret: (value: string) => void;
  /** For Helm as a whole. */
  timeoutMs: number;
  killGraceMs: number;
  signal: AbortSignal;
}

class Dropped extends Error {}

/** A Helm that failed and had not asked the cluster anything by the way it was given. */
export class NotThroughRelayError extends Error {
  constructor(cause: ExecError) {
    super('Helm failed without having come through Slipway.', { cause });
    this.name = 'NotThroughRelayError';
  }
}

/** A Helm that ended well although nothing of it was let through: a wrapper, which knows a cluster by itself. */
function strayed(release: string): ActionError {
  return new ActionError(
    `Helm ended well and stored no revision of ${release} through Slipway, which held it: what it deployed, ` +
      'and to which cluster, is not known.',
    {
      title: 'The release may have changed',
      next:
        `Look at \`helm history ${release}\`. The helm on PATH seems to be a wrapper that chooses a cluster ` +
        'by itself: let it use KUBECONFIG as it is given, or name a Helm of its own with helm-version.',
    },
  );
}

/**
 * Starts an upgrade and holds it before its first write, so that one Helm both renders the chart and, when
 * all that speaks against it was looked for, deploys what it rendered. Helm reaches the cluster through this
 * process, which passes on nothing but reads until then. Throws ExecError when Helm fails before,
 * NotThroughRelayError when it had asked nothing by then, ActionError when it ends well without storing a
 * revision, UnforeseenWriteError when it would write something else first, the signal's reason on abort.
 */
export async function holdUpgrade(
  ports: { helm: HelmRunner; kube: KubeClient },
  request: HoldRequest,
): Promise<HeldUpgrade> {
  const { helm, kube } = ports;
  const { release, namespace, scratch, timeoutMs, killGraceMs } = request;
  const gate = writeGate(kube, { driver: helm.driver, release, namespace });
  let hasAsked = false;
  const relay = await kube.relay((asked) => {
    hasAsked = true;
    return gate.rule(asked);
  });
  let kubeconfig: string | undefined;
  const stop = new AbortController();
  const run = async (): Promise<ExecResult> => {
    try {
      request.maskSecret(relay.token);
      kubeconfig = await scratch.write(relay.kubeconfig);
      return await helm.run(request.args, {
        addEnv: { KUBECONFIG: kubeconfig, HELM_KUBECONTEXT: undefined },
        signal: AbortSignal.any([request.signal, stop.signal]),
        timeoutMs,
        killGraceMs,
      });
    } finally {
      gate.shut();
      await relay.close();
      if (kubeconfig !== undefined) await scratch.remove(kubeconfig);
    }
  };
  const running = run();
  // Whoever waits for it hears of it.
  running.catch(() => undefined);
  const drop = async (): Promise<void> => {
    gate.shut();
    stop.abort(new Dropped('This upgrade is not carried out.'));
    await running.catch(() => undefined);
  };
  const endedEarly = running.then(
    () => {
      throw strayed(release);
    },
    (error: unknown) => {
      throw error instanceof ExecError && !hasAsked ? new NotThroughRelayError(error) : error;
    },
  );
  try {
    const rendered = await Promise.race([gate.wanted, endedEarly]);
    let isFree = false;
    return {
      rendered,
      letGo: async (signal) => {
        isFree = true;
        const onAbort = (): void => stop.abort(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
        else gate.open();
        try {
          return await running;
        } finally {
          signal.removeEventListener('abort', onAbort);
        }
      },
      drop: async () => {
        if (!isFree) await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}
