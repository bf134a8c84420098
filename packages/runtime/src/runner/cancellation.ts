import { CancelledError } from '../error/index.ts';

/**
 * An AbortSignal that aborts with a CancelledError when the runner cancels the job: SIGINT, 7.5 s
 * later SIGTERM, 2.5 s later the process is killed; only the entry process is signalled
 * (actions/runner: src/Runner.Sdk/ProcessInvoker.cs). On Windows the first is Ctrl+C, which Node
 * delivers as SIGINT, and the second Ctrl+Break, which it delivers as SIGBREAK.
 */
export function cancellation(source: NodeJS.EventEmitter = process): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const)
    source.on(name, () => controller.abort(new CancelledError(name)));
  return controller.signal;
}
