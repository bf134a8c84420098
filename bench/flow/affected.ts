import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { initScratchGit, type ScratchGit } from '../../test/fixtures/scratch-git.ts';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { root } from '../../tools/manifest.ts';
import {
  changes,
  edited,
  publishedModules,
  repositories,
  servicesOf,
  type Change,
  type Files,
  type SampleRepository,
} from './corpus/index.ts';
import { withSums, writeModuleProxy } from './module-proxy.ts';
import { availablePlanners, type Planner } from './planners/index.ts';
import { concerned, definition, measure, type GoPlace, type ServiceState } from './truth.ts';

const results = path.join(root, 'bench', 'results', 'flow-affected.json');

/** What a change concerns in truth, and what each planner said. */
interface JudgedChange {
  name: string;
  repository: string;
  /** The trees and the definition that the truth is of; while it is the same, it is not measured again. */
  measured: string;
  /** By service, how it is concerned. */
  truth: Readonly<Record<string, readonly string[]>>;
  /** Names of services by planner; null where it failed. */
  answers: Readonly<Record<string, readonly string[] | null>>;
}

/** A repository in a checkout, at the commit that changes are made on top of. */
interface Checkout {
  git: ScratchGit;
  base: string;
  files: Files;
  /** Measured when the first change asks for it. */
  state: () => Promise<ReadonlyMap<string, ServiceState>>;
}

function writeFiles(dir: string, files: Files): void {
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
}

async function checkOut(
  folder: string,
  repository: SampleRepository,
  place: (dir: string) => GoPlace,
): Promise<Checkout> {
  const git = await initScratchGit(path.join(folder, repository.name));
  const files = withSums(repository.files, publishedModules);
  writeFiles(git.dir, files);
  const base = await git.commit('Begin');
  let state: Promise<ReadonlyMap<string, ServiceState>> | undefined;
  const measureBase = async (): Promise<ReadonlyMap<string, ServiceState>> => {
    await git.git('checkout', '--quiet', base);
    const measured = await measure(place(git.dir), files, {});
    await git.git('checkout', '--quiet', 'main');
    return measured;
  };
  return { git, base, files, state: () => (state ??= measureBase()) };
}

/** Makes the commit of a change on the branch main, and gives its files. */
async function push({ git, base, files }: Checkout, change: Change): Promise<Files> {
  await git.git('checkout', '--quiet', '-B', 'main', base);
  const after = withSums(edited(files, change.edits), publishedModules);
  for (const name of files.keys()) if (!after.has(name)) rmSync(path.join(git.dir, name));
  writeFiles(git.dir, after);
  await git.commit(change.name);
  return after;
}

/** What the last run left; empty before the first. */
function readKept(): readonly JudgedChange[] {
  if (!existsSync(results)) return [];
  return (JSON.parse(readFileSync(results, 'utf8')) as { changes: readonly JudgedChange[] })
    .changes;
}

/** Writes after each change what is known so far, so that a run that is cut short is gone on with. */
function keep(found: {
  goVersion: string;
  planners: readonly Planner[];
  judged: readonly JudgedChange[];
  earlier: readonly JudgedChange[];
}): void {
  const { goVersion, judged, earlier } = found;
  const planners = found.planners.map(({ name, version }) => ({ name, version }));
  const ahead = new Set(changes.slice(judged.length).map(({ name }) => name));
  const all = [...judged, ...earlier.filter(({ name }) => ahead.has(name))];
  writeFileSync(results, `${JSON.stringify({ goVersion, planners, changes: all }, null, 2)}\n`);
}

async function ask(
  planners: readonly Planner[],
  pushed: Parameters<Planner['plan']>[0],
): Promise<JudgedChange['answers']> {
  const there = new Set(servicesOf(pushed.files).map(({ name }) => name));
  const answers: Record<string, readonly string[] | null> = {};
  for (const planner of planners) {
    const said = await planner.plan(pushed);
    answers[planner.name] = said?.filter((name) => there.has(name)).sort() ?? null;
  }
  return answers;
}

/**
 * Asks Slipway and its peers which services each change of the corpus concerns, and measures which it does:
 * all programs are built and all tests run before and after it. A truth that bench/results has of the same trees is
 * taken from there. Writes bench/results/flow-affected.json.
 */
export async function compareAffected(): Promise<void> {
  await ensureBundles(['release-context'], (line) => console.log(line));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-affected-'));
  const exec = systemExec({ log: fakeLog(), env: process.env });
  try {
    const goVersion = (await exec('go', ['env', 'GOVERSION'])).stdout.trim();
    const earlier = readKept();
    const known = new Map(earlier.map(({ measured, truth }) => [measured, truth]));
    const planners = await availablePlanners(exec, process.env);
    const proxy = writeModuleProxy(path.join(folder, 'proxy'), publishedModules);
    const goEnv = { GOPROXY: proxy, GOSUMDB: 'off', GOFLAGS: '', GOTOOLCHAIN: 'local' };
    // Go makes its module cache read-only, and so hard to remove.
    const modules = { GOMODCACHE: path.join(folder, 'modules'), GOFLAGS: '-modcacherw' };
    const env = Object.assign({ CGO_ENABLED: '0' }, goEnv, modules);
    const program = path.join(folder, 'program');
    const place = (dir: string): GoPlace => ({ exec, dir, program, env });
    const checkouts = new Map<string, Checkout>();
    for (const repository of repositories)
      checkouts.set(repository.name, await checkOut(folder, repository, place));
    const judged: JudgedChange[] = [];
    for (const change of changes) {
      const checkout = checkouts.get(change.repository);
      const repository = repositories.find(({ name }) => name === change.repository);
      if (checkout === undefined || repository === undefined)
        throw new Error(`There is no repository ${change.repository}.`);
      const { git, base } = checkout;
      const before = await checkout.git.git('rev-parse', `${base}^{tree}`);
      const files = await push(checkout, change);
      const after = await git.git('rev-parse', 'HEAD^{tree}');
      const measured = `${definition} ${goVersion} ${before}..${after} ${JSON.stringify(change.tags ?? {})}`;
      let truth = known.get(measured);
      if (truth === undefined) {
        const was = await checkout.state();
        truth = concerned(was, await measure(place(git.dir), files, change.tags ?? {}));
      }
      const head = await git.git('rev-parse', 'HEAD');
      const pushed = { dir: git.dir, before: base, after: head, change, repository, files };
      const answers = await ask(planners, Object.assign(pushed, { goEnv: env }));
      judged.push({ name: change.name, repository: repository.name, measured, truth, answers });
      console.log(`${judged.length}/${changes.length} ${change.name}:`, truth, answers);
      await git.git('clean', '--quiet', '--force', '-d', '-x');
      keep({ goVersion, planners, judged, earlier });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
