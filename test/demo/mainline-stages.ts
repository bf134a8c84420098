import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pushEvent } from '../fixtures/github-events.ts';
import { rewrite, touchDocs, writeFiles } from '../fixtures/shop-edits.ts';
import { built, equals, matches, outcome, recorded, serves } from './checks.ts';
import { deployOf, planned, verdicts } from './release-run.ts';
import type { ReleaseStage } from './stage.ts';
import { jobsNamed, stepOf } from './world.ts';

/** What the worker has only where its neighbours go on without it. */
const brokenOnWindows = 'services/worker/broken_windows.go';

const brokenBuild = 'Build the worker for Windows, and say what api is for';
/** Those that the first push did not touch, so that staging does not have them yet. */
const notYetThere = ['ledger', 'quotes'] as const;

/** A push whose one service does not build: the others go on. */
export const neighbourStage: ReleaseStage = {
  title: 'Push beside a broken build',
  event: 'a push changes api and worker, and worker does not build for one of its platforms',
  expectation:
    'api is deployed and found healthy, and so is what staging never had; worker is named and stays what it is',
  perform: async (world, folder) => {
    const { shop } = world;
    const before = await shop.sha();
    const message = brokenBuild;
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
    return {
      run,
      checks: [
        outcome(run, ['Build worker']),
        await serves(world, 'staging', 'api', planned(run)),
        ...verdicts(run, ['api', ...notYetThere]),
        matches('what the summary says', told.join('').split('\n')[0], /Not deployed: worker/),
        recorded(world, { service: 'api', environment: 'staging', sha }),
      ],
    };
  },
};

/** What was forgotten is caught up by a push that has nothing to do with it. */
export const catchUpStage: ReleaseStage = {
  title: 'Push of documentation',
  event: 'worker is mended in a commit with [skip ci], and then a push changes README.md alone',
  expectation:
    'worker is due by what is on record, though the push did not touch it: built, deployed, healthy; nothing else is',
  perform: async (world, folder) => {
    const { shop } = world;
    // GitHub starts nothing for this one, and so its push is told of to nobody.
    const before = await shop.commit('Build the worker for Linux alone [skip ci]', async (dir) => {
      await rm(path.join(dir, brokenOnWindows));
      await rm(path.join(dir, 'services/worker/slipway.yml'));
    });
    const message = 'Say when orders are shipped';
    const sha = await shop.commit(message, touchDocs());
    const event = pushEvent({ before, commits: [{ sha, message }] });
    const run = await world.release({ folder, event });
    const told = jobsNamed(run, 'Plan').flatMap(({ steps }) => steps.map(({ summary }) => summary));
    return {
      run,
      checks: [
        outcome(run, []),
        built(run, ['worker']),
        matches(
          'why worker is due',
          /[^|\n]*no successful deployment[^|\n]*/.exec(told.join(''))?.[0].trim(),
          /staging/,
        ),
        await serves(world, 'staging', 'worker', planned(run)),
        ...verdicts(run, ['worker']),
        recorded(world, { service: 'worker', environment: 'staging', sha }),
      ],
    };
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
    const newer = await shop.sha(`main^{/${brokenBuild}}`);
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
        built(run, ['api']),
      ],
    };
  },
};
