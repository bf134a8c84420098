import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { plainJobName } from '../demo/checks.ts';
import { ensureAct } from '../lab/build/act.ts';
import { cacheFolder } from '../lab/places/cache-folder.ts';
import { runWorkflow, type WorkflowQuestion, type WorkflowRun } from './local-runner.ts';
import { prepareRunner } from './runner-environment.ts';
import { makeScratchService } from './scratch-service.ts';
import { copySlipway } from './slipway-copy.ts';

type Files = Readonly<Record<string, string>>;
type More = Pick<WorkflowQuestion, 'repositories' | 'standIns' | 'secrets' | 'github'>;

/** A service repository without charts, and a local runner that its workflows run in. */
export interface Harbour {
  /** An empty folder of the test's own. */
  scratch: string;
  /** What a workflow of it says. */
  workflow(name: string): string;
  /** Commits files on a branch of their own and runs a workflow for the pull request. */
  pullRequest(edit: Files, workflow: string, more?: More): Promise<WorkflowRun>;
  /** Commits files on main and runs a workflow for the push. */
  push(edit: Files, workflow: string, more?: More): Promise<WorkflowRun>;
  close(): void;
}

const repository = {
  full_name: 'acme/harbour',
  name: 'harbour',
  default_branch: 'main',
  owner: { login: 'acme' },
};

/** How each job of a run ended, by its name. */
export function resultsOf({ jobs }: WorkflowRun): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(jobs.map(({ name, result }) => [plainJobName(name), result]));
}

/** All summaries of a run. */
export function summariesOf({ jobs }: WorkflowRun): string {
  return jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('');
}

/** Makes the repository and the runner; bundles that are missing or old are made first. */
export async function openHarbour(): Promise<Harbour> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-harbour-'));
  await ensureBundles(['release-context', 'setup-go-cached', 'go-test', 'go-cross-build']);
  const cache = cacheFolder(process.env, os.homedir());
  const runner = await prepareRunner({
    act: await ensureAct(cache, process.env),
    slipway: copySlipway(path.join(scratch, 'slipway')),
    cache,
  });
  const service = await makeScratchService(path.join(scratch, 'service'));
  const base = await service.git.git('rev-parse', 'HEAD');
  let runs = 0;

  async function committed(branch: string, edit: Files): Promise<string> {
    await service.git.git('switch', '--quiet', '--force-create', branch, base);
    return await service.commit(edit);
  }
  async function run(
    workflow: string,
    event: WorkflowQuestion['event'],
    more: More = {},
  ): Promise<WorkflowRun> {
    runs += 1;
    const place = path.join(scratch, `run-${runs}`);
    return await runWorkflow(runner, {
      repository: service.git.dir,
      workflow,
      event,
      scratch: place,
      ...more,
    });
  }
  return {
    scratch,
    workflow: (name) =>
      readFileSync(path.join(service.git.dir, '.github', 'workflows', name), 'utf8'),
    pullRequest: async (edit, workflow, more) => {
      const sha = await committed('change', edit);
      const head = { sha, ref: 'change' };
      const change = { number: 7, head, base: { sha: base, ref: 'main' } };
      const payload = { number: 7, pull_request: change, repository };
      return await run(workflow, { name: 'pull_request', payload }, more);
    },
    push: async (edit, workflow, more) => {
      const after = await committed('main', edit);
      const payload = { ref: 'refs/heads/main', before: base, after, repository };
      return await run(workflow, { name: 'push', payload }, more);
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  };
}
