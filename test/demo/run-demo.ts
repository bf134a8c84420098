import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { errorMessage, formatDuration } from '@slipway/runtime';
import { startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { createShopRepository, type ShopRepository } from '../fixtures/shop-repository.ts';
import { writeFiles } from '../fixtures/shop-edits.ts';
import { ensureAct } from '../lab/build/act.ts';
import { cacheFolder, type Env } from '../lab/places/cache-folder.ts';
import { startLab, stopLab, type Lab } from '../lab/lab.ts';
import { readOwnCluster } from '../lab/lifecycle/own-cluster.ts';
import { lineReporter } from '../lab/session/reporter.ts';
import { runWorkflow, type LocalRunner, type WorkflowQuestion } from '../workflows/local-runner.ts';
import { prepareRunner } from '../workflows/runner-environment.ts';
import { copySlipway } from '../workflows/slipway-copy.ts';
import { callerWorkflows, shopSettings } from './caller.ts';
import { asDescribed, plainJobName } from './checks.ts';
import { clusterFacts } from './cluster-facts.ts';
import { clusterLife } from './cluster-life.ts';
import { isAsExpected, type DemoResult, type SideWork, type StageResult } from './demo-result.ts';
import type { StageOutcome, StageStory } from './stage.ts';
import { pullRequestStage, releaseStages } from './stages.ts';
import { imagePrefix, type World } from './world.ts';

/** How the demo is run. */
export interface DemoOptions {
  env: Env;
  /** Whole lines for people. */
  print: (line: string) => void;
  /** Makes bundles when they are missing or older than the sources. */
  bundles: () => Promise<void>;
  /** Titles of the stages to run; all by default. */
  only?: readonly string[];
  /** Ends the run that is at work; what the demo made is removed as after its end. */
  signal: AbortSignal;
}

/** The deployments of one demo have namespaces of their own, so that it need not wait for an older one's end. */
const demoId = (): string => Date.now().toString(36).slice(-5);

/** What the runs show to the GitHub that is played here. */
const githubToken = 'token-of-the-demo';

/** Runs the stages and judges each by what it left. Throws only when a stage could not be run at all. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { env, print, signal } = options;
  const startedMs = Date.now();
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-demo-'));
  const sideWork: SideWork[] = [];
  const beside = async <T>(title: string, body: () => Promise<T>): Promise<T> => {
    const started = Date.now();
    const result = await body();
    sideWork.push({ title, startedMs: started, endedMs: Date.now() });
    return result;
  };
  let opened: Lab | undefined;
  const github = await startFakeGitHub({ token: githubToken });
  try {
    const lab = beside('cluster, registry, Prometheus', () =>
      startLab({
        env,
        // What was there already is not news.
        reporter: lineReporter((text) => print(`  [lab] ${text.trim()}`), {
          minMs: 1_000,
          everyMs: 20_000,
        }),
      }),
    );
    // Awaited after the first stage; a failure before that must not end the process unheard.
    lab.catch((error: unknown) => print(`  ! the cluster: ${errorMessage(error)}`));
    const cache = cacheFolder(env, os.homedir());
    const makeRunner = async (helm?: string, more: Env = {}): Promise<LocalRunner> =>
      prepareRunner({
        act: await ensureAct(cache, env),
        slipway: copySlipway(path.join(scratch, 'slipway')),
        cache,
        path: helm === undefined ? [] : [path.dirname(helm)],
        env: more as Record<string, string>,
      });
    await beside('bundles', options.bundles);
    const runner = await beside('local runner', () => makeRunner());
    const isWanted = ({ title }: StageStory): boolean =>
      options.only === undefined || options.only.includes(title);
    const stages = isWanted(pullRequestStage)
      ? [await reviewStage({ runner, scratch, print, signal })]
      : [];
    const wanted = releaseStages.filter(isWanted);
    if (wanted.length > 0) {
      opened = await Promise.race([lab, whenAborted(signal)]);
      const world = await makeWorld({ lab: opened, scratch, runner, github, print, signal });
      for (const stage of wanted)
        stages.push(
          await runStage(stage, stages.length + 1, print, async () => {
            const folder = path.join(scratch, stage.title.replaceAll(' ', '-'));
            const outcome = await stage.perform(world, folder);
            return { ...outcome, checks: [...outcome.checks, asDescribed(world)] };
          }),
        );
    }
    return {
      startedMs,
      endedMs: Date.now(),
      stages,
      sideWork,
      machine: [
        ['machine', `${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'CPU'}`],
        ['system', `${os.type()} ${os.release()}`],
        ['Node', `Node ${process.version}`],
      ],
    };
  } finally {
    await github.close();
    rmSync(scratch, { recursive: true, force: true });
    if (readOwnCluster(env) !== undefined) await leave(env, opened, print);
  }
}

/** Rejects when the signal fires, never resolves. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Leaves a cluster of the user's as it was, and nothing beside it that holds their access. */
async function leave(env: Env, lab: Lab | undefined, print: (line: string) => void): Promise<void> {
  try {
    if (lab !== undefined) await clusterFacts({ ...lab, helm: lab.helm.v4 }).deleteNamespaces();
    await stopLab(env);
  } catch (error) {
    print(`  ! not all that the demo made could be removed: ${errorMessage(error)}`);
  }
}

async function reviewStage(given: {
  runner: LocalRunner;
  scratch: string;
  print: (line: string) => void;
  signal: AbortSignal;
}): Promise<StageResult> {
  const { runner, scratch, print, signal } = given;
  // A repository of its own: that of the releases names the registry, which may not run yet.
  const shop = await createShopRepository(path.join(scratch, 'review'), {
    workflows: callerWorkflows({ registry: '127.0.0.1:5000', id: 'review' }),
  });
  return await runStage(pullRequestStage, 1, print, () =>
    pullRequestStage.perform(shop, (event) =>
      runWorkflow(runner, {
        repository: shop.dir,
        workflow: 'check.yml',
        event,
        scratch: path.join(scratch, 'pull-request'),
        concurrentJobs: 4,
        ...jobPrinter(print),
        signal,
      }),
    ),
  );
}

async function makeWorld(given: {
  lab: Lab;
  scratch: string;
  runner: LocalRunner;
  github: FakeGitHub;
  print: (line: string) => void;
  signal: AbortSignal;
}): Promise<World> {
  const { lab, scratch, github, print, signal } = given;
  const helm = lab.helm.v4;
  const runner = { ...given.runner, path: [...given.runner.path, path.dirname(helm)] };
  const id = demoId();
  const namespace = (environment: string): string => `demo-${id}-${environment}`;
  const tools = { kubectl: lab.kubectl, helm, kubeconfig: lab.kubeconfig };
  const facts = clusterFacts(tools);
  await facts.deleteNamespaces();
  for (const environment of ['staging', 'production'])
    await facts.createNamespace(namespace(environment));
  const shop: ShopRepository = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/${imagePrefix}`,
    chartRegistry: lab.registry,
    helm,
    workflows: callerWorkflows({ registry: lab.registry, id }),
  });
  await shop.commit('Say what is built for which platform', writeFiles(shopSettings));
  const kubeconfig = readFileSync(lab.kubeconfig, 'utf8');
  return {
    shop,
    facts,
    life: clusterLife(tools),
    github,
    registry: lab.registry,
    namespace,
    release: async ({ event, folder, onLine }) => {
      mkdirSync(folder, { recursive: true });
      return await runWorkflow(runner, {
        repository: shop.dir,
        workflow: 'release.yml',
        event,
        scratch: folder,
        secrets: { KUBECONFIG: kubeconfig },
        variables: { PROMETHEUS_URL: lab.prometheusUrl },
        github: { apiUrl: github.apiUrl, token: githubToken },
        // Deployments mostly wait. The caller's own job takes one place.
        concurrentJobs: 6,
        ...(onLine === undefined ? {} : { onLine }),
        ...jobPrinter(print),
        signal,
      });
    },
  };
}

async function runStage(
  story: StageStory,
  number: number,
  print: (line: string) => void,
  perform: () => Promise<StageOutcome>,
): Promise<StageResult> {
  print('');
  print(`${number}. ${story.title}: ${story.event}`);
  print(`   expected: ${story.expectation}`);
  const startedMs = Date.now();
  const { run, checks } = await perform();
  const stage: StageResult = {
    title: story.title,
    event: story.event,
    expectation: story.expectation,
    checks,
    jobs: run.jobs,
    startedMs,
    endedMs: Date.now(),
  };
  for (const { fact, seen, ok } of checks) print(`   ${ok ? '✓' : '✗'} ${fact}: ${seen}`);
  if (!isAsExpected(stage) && run.complaints !== '') print(run.complaints);
  print(
    `   ${isAsExpected(stage) ? 'as expected' : 'NOT AS EXPECTED'} after ${formatDuration(stage.endedMs - startedMs)}`,
  );
  return stage;
}

/** Tells of jobs that ended, and of those still at work when there is nothing else to tell. */
function jobPrinter(
  print: (line: string) => void,
): Required<Pick<WorkflowQuestion, 'onJobEnd' | 'onWait'>> {
  return {
    onJobEnd: (job) => {
      const took = formatDuration(job.endedMs - job.startedMs);
      print(`     job ${plainJobName(job.name)}: ${job.result ?? '?'} (${took})`);
    },
    onWait: (running) => {
      const at = running.map(
        ({ name, steps }) =>
          `${plainJobName(name)} (${plainStepName(steps.at(-1)?.name ?? 'starting')})`,
      );
      if (at.length > 0) print(`     … at work: ${at.join(', ')}`);
    },
  };
}

/** `OWNER/slipway/actions/go-cross-build@v1` is `go-cross-build`. */
function plainStepName(name: string): string {
  return /^\S+\/([^/\s@]+)@\S+$/.exec(name)?.[1] ?? name;
}

/** Whether all bundles are there. */
export function hasBundles(root: string, names: readonly string[]): boolean {
  return names.every((name) => existsSync(path.join(root, 'dist', name, 'index.js')));
}
