import { readFileSync } from 'node:fs';
import path from 'node:path';
import { replay, type HealthStatement } from '@slipway/health';
import type { WorkflowRun } from '../workflows/local-runner.ts';
import { built, equals, matches, outcome, serves } from './checks.ts';
import { disturb, type Disturbance } from './cluster-life.ts';
import type { Check } from './demo-result.ts';
import { deployOf, releaseTag, verdicts } from './release-run.ts';
import type { ReleaseStage } from './stage.ts';
import { stepOf } from './world.ts';

const service = 'api';
/** What verify-health says as soon as it watches the pods. */
const watching = /good: .*\bpods\b/;

/** The certificate that the workflow kept of a verification. */
function certificateOf(run: WorkflowRun): HealthStatement {
  const file = path.join(run.artifacts, `health-${service}-production`, 'certificate.json');
  return JSON.parse(readFileSync(file, 'utf8')) as HealthStatement;
}

/** That all happened between the begin of the verification and its verdict, by its own certificate. */
function meanwhile(run: WorkflowRun, done: Disturbance): readonly Check[] {
  const { predicate } = certificateOf(run);
  const { beganMs, judgedMs } = predicate.time;
  const after = (ms: number): string => `${((ms - beganMs) / 1_000).toFixed(1)} s`;
  const times = [beganMs, done.evictedMs, done.scaledMs, judgedMs];
  const replayed = replay(predicate);
  return [
    matches('image that it was about', predicate.request.images[0], /\/api@sha256:[0-9a-f]{64}$/),
    {
      fact: 'while it was verified',
      seen: `pod/${done.evicted} was evicted after ${after(done.evictedMs)}, the deployment scaled in from ${done.from} to ${done.to} after ${after(done.scaledMs)}, the verdict came after ${after(judgedMs)}`,
      ok: times.every((ms, index) => index === 0 || ms > (times[index - 1] ?? Infinity)),
    },
    equals(
      'its certificate, judged again',
      [replayed.kind, 'verdict' in replayed ? replayed.verdict : replayed.why],
      ['same', 'healthy'],
    ),
  ];
}

/** A good release through an eviction and a scale-in, which say nothing against it. */
export const disturbedStage: ReleaseStage = {
  title: 'Tag api/v1.1.1',
  event:
    'tag api/v1.1.1: while it is verified, a pod of the API is evicted as by a drain, and it is scaled in',
  expectation: 'found healthy all the same, by one verdict that its certificate gives again',
  perform: async (world, folder) => {
    const namespace = world.namespace('production');
    let done: Promise<Disturbance> | undefined;
    const run = await releaseTag(world, folder, 'api/v1.1.1', (line) => {
      if (done !== undefined || !watching.test(line)) return;
      done = disturb(world, { namespace, service });
      // Awaited below, when the run is over.
      done.catch(() => undefined);
    });
    const disturbed = await done;
    const verify = stepOf(deployOf(run, service), 'verify-health');
    const told = verify?.outputs['verdict'] ?? '';
    const history = await world.facts.history(namespace, service);
    const checks = [
      outcome(run, []),
      built(run, [service]),
      ...(disturbed === undefined || told === ''
        ? [matches('the verification', told, /^healthy$/)]
        : meanwhile(run, disturbed)),
      ...verdicts(run, [service]),
      equals('newest revision of api', history.at(-1)?.status, 'deployed'),
      await serves(world, 'production', service, '1.1.1'),
    ];
    // The later stages find the API as its chart has it.
    await world.life.scale(namespace, service, disturbed?.from ?? 2);
    return { run, checks };
  },
};
