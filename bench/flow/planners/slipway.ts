import { runBundle } from '@slipway/testing';
import { pushEvent } from '../../../test/fixtures/github-events.ts';
import type { Planner } from './planner.ts';

/** The bundle of release-context, run as a push runs it. */
export const slipway: Planner = {
  name: 'release-context',
  version: 'of this checkout',
  plan: async ({ dir, before, after, repository, goEnv, change }) => {
    const commits = [{ sha: after, message: change.name }] as const;
    const event = pushEvent({ before, commits });
    const planned = await runBundle({
      action: 'release-context',
      workspace: dir,
      event,
      inputs: { services: 'services/*', 'shared-paths': repository.sharedPaths.join('\n') },
      env: { ...event.env, ...goEnv },
      timeoutMs: 300_000,
    });
    if (planned.exitCode !== 0) console.log(planned.stdout);
    return planned.exitCode === 0
      ? (JSON.parse(planned.outputs['services'] ?? '[]') as string[])
      : undefined;
  },
};
