import { setContentTimes } from '@slipway/cache';
import type { Exec } from '@slipway/exec';
import { count, errorMessage, type Run } from '@slipway/runtime';

/** Lets `go test` know results of an earlier job again. Throws only when the job is cancelled. */
export async function prepareTestCache(
  run: Run,
  { exec, signal }: { exec: Exec; signal: AbortSignal },
): Promise<void> {
  try {
    const files = await setContentTimes(exec, run.runner.workspace, signal);
    run.log.info(`Test results: ${count(files, 'file')} got times that follow from their content.`);
  } catch (error) {
    signal.throwIfAborted();
    run.log.info(
      'Test results of tests that read files are not cached: git knows no checkout here.',
    );
    run.log.debug(errorMessage(error));
  }
}
