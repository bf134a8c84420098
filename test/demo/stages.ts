import { pullRequestEvent, pushEvent } from '../fixtures/github-events.ts';
import type { GitHubEvent } from '../fixtures/github-payload.ts';
import { changePricing, healApi, makeApiCrash, makeApiFail } from '../fixtures/shop-edits.ts';
import type { ShopRepository } from '../fixtures/shop-repository.ts';
import type { WorkflowRun } from '../workflows/local-runner.ts';
import { readArtifacts } from './artifact-facts.ts';
import { built, equals, matches, outcome, serves } from './checks.ts';
import { disturbedStage } from './disturbed-stage.ts';
import { readImage } from './registry-facts.ts';
import { catchUpStage, neighbourStage, staleStage } from './mainline-stages.ts';
import { deployOf, planned, releaseTag, verdicts } from './release-run.ts';
import type { ReleaseStage, StageOutcome, StageStory } from './stage.ts';
import { imagePrefix, jobsNamed, stepOf } from './world.ts';

/** Every service of the shop, sorted. */
export const allServices = ['api', 'ledger', 'quotes', 'rules', 'worker'] as const;
/** Those that import internal/pricing, which the pull request changes. */
export const pricingServices = ['api', 'rules'] as const;

/** The pull request needs no cluster, so it runs while that is being started. */
export const pullRequestStage: StageStory & {
  perform(
    shop: ShopRepository,
    check: (event: GitHubEvent) => Promise<WorkflowRun>,
  ): Promise<StageOutcome>;
} = {
  title: 'Pull request',
  event: 'pull request 7 changes internal/pricing',
  expectation: 'vetted and tested; only the services that import the package are built',
  perform: async (shop, check) => {
    const base = await shop.sha();
    await shop.branch('better-prices');
    const head = await shop.commit('Give large orders a better price', changePricing());
    // GitHub checks out the merge of the change into the branch as it is now.
    await shop.checkout(base);
    await shop.git('merge', '--quiet', '--no-ff', '--message', 'Merge the change', head);
    const run = await check(
      pullRequestEvent({
        number: 7,
        action: 'opened',
        title: 'Give large orders a better price',
        base: { sha: base },
        head: { ref: 'better-prices', sha: head },
        merge: await shop.sha(),
      }),
    );
    const tested = jobsNamed(run, 'Test ')[0]
      ?.steps.map(({ summary }) => summary)
      .join('');
    return {
      run,
      checks: [
        outcome(run, []),
        built(run, pricingServices),
        matches(
          'Go packages tested',
          /packages that passed \| (\d+)/.exec(tested ?? '')?.[1],
          /^[1-9]/,
        ),
        equals('images pushed', artifactNames(run), []),
      ],
    };
  },
};

function artifactNames(run: WorkflowRun): readonly string[] {
  return [...readArtifacts(run.artifacts).keys()];
}

/** The stages that deploy, in order. */
export const releaseStages: readonly ReleaseStage[] = [
  {
    title: 'Push to main',
    event: 'the pull request is merged',
    expectation: 'the two services are built, deployed to staging and found healthy',
    perform: async (world, folder) => {
      const { shop } = world;
      const before = await shop.sha();
      const message = 'Give large orders a better price (#7)';
      const sha = await shop.commit(message, changePricing());
      const event = pushEvent({ before, commits: [{ sha, message }] });
      const run = await world.release({ folder, event });
      const version = planned(run);
      return {
        run,
        checks: [
          outcome(run, []),
          built(run, pricingServices),
          equals(
            'deployments in staging',
            await world.facts.deployments(world.namespace('staging')),
            pricingServices,
          ),
          ...(await Promise.all(
            pricingServices.map((name) => serves(world, 'staging', name, version)),
          )),
          ...verdicts(run, pricingServices),
        ],
      };
    },
  },
  neighbourStage,
  catchUpStage,
  staleStage,
  {
    title: 'Tag v1.1.0',
    event: 'tag v1.1.0 on main',
    expectation: 'every service is cross-built and released to production',
    perform: async (world, folder) => {
      const run = await releaseTag(world, folder, 'v1.1.0');
      const images = await Promise.all(
        allServices.map((name) => readImage(world.registry, `${imagePrefix}/${name}`, '1.1.0')),
      );
      const artifacts = readArtifacts(run.artifacts);
      return {
        run,
        checks: [
          outcome(run, []),
          built(run, allServices),
          equals(
            'platforms of the images',
            [...new Set(images.flatMap((image) => image?.platforms ?? ['missing']))].sort(),
            ['linux/amd64', 'linux/arm64', 'wasip1/wasm'],
          ),
          equals(
            'files with a wrong checksum',
            [...artifacts.values()].flatMap(({ wrong }) => wrong),
            [],
          ),
          matches(
            'files with the right checksum',
            String([...artifacts.values()].reduce((sum, { files }) => sum + files, 0)),
            /^[1-9]/,
          ),
          ...(await Promise.all(
            allServices.map((name) => serves(world, 'production', name, '1.1.0')),
          )),
          ...verdicts(run, allServices),
        ],
      };
    },
  },
  disturbedStage,
  {
    title: 'Tag v1.2.0',
    event: 'tag v1.2.0: the API fails a fifth of its requests',
    expectation:
      'found unhealthy and rolled back; the old pods serve; the job fails with the cause',
    perform: async (world, folder) => {
      await world.shop.commit('Look prices up in the new way', makeApiFail(0.2));
      const run = await releaseTag(world, folder, 'v1.2.0');
      const verify = stepOf(deployOf(run, 'api'), 'verify-health');
      const history = await world.facts.history(world.namespace('production'), 'api');
      return {
        run,
        checks: [
          outcome(run, ['Deploy api to production']),
          equals('verdict on api', verify?.outputs['verdict'], 'unhealthy'),
          matches('cause', verify?.outputs['cause'], /error|5xx|fail/i),
          matches('newest revision of api', history.at(-1)?.description, /rollback/i),
          await serves(world, 'production', 'api', '1.1.1'),
          ...(await Promise.all(
            allServices
              .filter((name) => name !== 'api')
              .map((name) => serves(world, 'production', name, '1.2.0')),
          )),
        ],
      };
    },
  },
  {
    title: 'Tag v1.3.0',
    event: 'tag v1.3.0: the API crashes as it starts',
    expectation: 'the upgrade fails in seconds with the cause and is undone; the old pods serve',
    perform: async (world, folder) => {
      await world.shop.commit('Look prices up in the old way again', healApi());
      await world.shop.commit('Read the settings first', makeApiCrash());
      const run = await releaseTag(world, folder, 'v1.3.0');
      const upgrade = stepOf(deployOf(run, 'api'), 'helm-atomic-upgrade');
      return {
        run,
        checks: [
          outcome(run, ['Deploy api to production']),
          equals('rolled back', upgrade?.outputs['rolled-back'], 'true'),
          matches('reason', upgrade?.outputs['reason'], /crash|exit(?:ed)?\b.*\b1\b|restart/i),
          await serves(world, 'production', 'api', '1.1.1'),
          ...(await Promise.all(
            allServices
              .filter((name) => name !== 'api')
              .map((name) => serves(world, 'production', name, '1.3.0')),
          )),
        ],
      };
    },
  },
];
