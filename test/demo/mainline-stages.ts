import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pushEvent } from '../fixtures/github-events.ts';
import { rewrite, writeFiles } from '../fixtures/shop-edits.ts';
import { equals, matches, outcome, serves } from './checks.ts';
import { deployOf, planned, verdicts } from './release-run.ts';
import type { ReleaseStage } from './stage.ts';
import { jobsNamed, stepOf } from './world.ts';

/** What the worker has only where its neighbours go on without it. */
const brokenOnWindows = 'services/worker/broken_windows.go';

/** A push whose one service does not build: the other one goes on. */
export const neighbourStage: ReleaseStage = {
  title: 'Push beside a broken build',
  event: 'a push changes api and worker, and worker does not build for one of its platforms',
  expectation: 'api is deployed and found healthy; worker is named and stays what it is',
  perform: async (world, folder) => {
    const { shop } = world;
    const before = await shop.sha();
    const message = 'Build the worker for Windows, and say what api is for';
    const sha = await shop.commit(
      message,
      rewrite('services/api/main.go', (text) => `${text}\n// The API takes orders.\n`),
      writeFiles({
        'services/worker/slipway.yml': 'targets: [linux/amd64, windows/amd64]\n',
        [brokenOnWindows]: 'package main\n\nvar broken int = "not a number"\n',
      }),
    );
    const event = pushEvent({ before, commits: [{ sha, message }] });
    const run = await world.release({ folder, event });
    const told = jobsNamed(run, 'Built').flatMap(({ steps }) =>
      steps.map(({ summary }) => summary),
    );
    const result = {
      run,
      checks: [
        outcome(run, ['Build worker']),
        await serves(world, 'staging', 'api', planned(run)),
        ...verdicts(run, ['api']),
        matches('what the summary says', told.join('').split('\n')[0], /Not deployed: worker/),
      ],
    };
    await shop.commit('Build the worker for Linux alone', async (dir) => {
      await rm(path.join(dir, brokenOnWindows));
      await rm(path.join(dir, 'services/worker/slipway.yml'));
    });
    return result;
  },
};

/** Somebody runs an old run again, over what was deployed since. */
export const staleStage: ReleaseStage = {
  title: 'Re-run of an older push',
  event: 'somebody runs the first push to main again',
  expectation:
    'api, which a newer commit deployed, is refused with both commits named, and serves on',
  perform: async (world, folder) => {
    const { shop } = world;
    const first = 'main^{/Give large orders a better price}';
    const [sha, before] = await Promise.all([shop.sha(first), shop.sha(`${first}~1`)]);
    const newer = await shop.sha('main~1');
    const history = async () => await world.facts.history(world.namespace('staging'), 'api');
    const served = (await history()).at(-1)?.revision;
    await shop.checkout(sha);
    const message = 'Give large orders a better price (#7)';
    const event = pushEvent({ before, commits: [{ sha, message }] });
    const run = await world.release({ folder, event });
    await shop.checkout('main');
    const upgrade = stepOf(deployOf(run, 'api'), 'helm-atomic-upgrade');
    const reason = upgrade?.outputs['reason'];
    return {
      run,
      checks: [
        outcome(run, ['Deploy api to staging']),
        matches('reason', reason, new RegExp(`commit ${newer.slice(0, 7)}`)),
        matches('the older commit in it', reason, new RegExp(`older ${sha.slice(0, 7)}`)),
        equals('newest revision of api', (await history()).at(-1)?.revision, served),
      ],
    };
  },
};
