import { readHead } from '@slipway/go';
import type { Exec } from '@slipway/exec';
import { releaseContext, type NoRelease } from '@slipway/release';
import { renderStepSummary } from '@slipway/report';
import type { Run } from '@slipway/runtime';

/** Hands on that there is nothing to do, and why: a plan without version, services and jobs. Ends well. */
export async function planNothing(run: Run, exec: Exec, event: NoRelease): Promise<void> {
  const { outputs, runner } = run;
  const nothing = { kind: event.kind, version: '', environment: '' };
  const head = await readHead(exec, runner.workspace);
  const commit = {
    sha: head?.sha ?? runner.sha,
    commitTimeMs: head?.commitTimeMs ?? run.clock.now(),
  };
  outputs.set('kind', nothing.kind);
  outputs.set('version', nothing.version);
  outputs.set('environment', nothing.environment);
  outputs.set('services', '[]');
  outputs.set('matrix', '{"include":[]}');
  outputs.set('deployments', '{"include":[]}');
  outputs.set('stages', '[]');
  outputs.set('held', '[]');
  outputs.set('clusters', '[]');
  outputs.set('waves', '[]');
  outputs.set('tests', '{"include":[]}');
  outputs.set('test-plan', 'nothing');
  outputs.set('test-claim', '');
  outputs.set('tested-in', '');
  outputs.set('packages', '');
  outputs.set('context', JSON.stringify(releaseContext(nothing, runner, commit)));
  const why = `nothing to release: ${event.why}`;
  run.log.notice(`${why}.`, { title: 'release-context' });
  await run.summary.append(
    renderStepSummary({
      title: 'release-context: nothing to release',
      outcome: 'ok',
      facts: [
        ['services', 'none'],
        ['chosen because', why],
      ],
    }),
  );
}
