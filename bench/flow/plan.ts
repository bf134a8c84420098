import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemExec, type Exec } from '@slipway/exec';
import { fakeLog, runBundle } from '@slipway/testing';
import { pushEvent } from '../../test/fixtures/github-events.ts';
import { initScratchGit } from '../../test/fixtures/scratch-git.ts';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { root } from '../../tools/manifest.ts';

const counts = [23, 200, 500] as const;
const layouts = [
  'one module',
  'a module each, in a go.work',
  'a module each, without a go.work',
] as const;
type Layout = (typeof layouts)[number];
const defaultRounds = 3;
/** Services that import the library that changed. */
const importers = 10;

interface Sample {
  layout: Layout;
  services: number;
  peer: 'release-context' | 'go list, module by module';
  seconds: number;
}

/** The sources of a repository of so many services, each of a program and three packages. */
function sourcesOf(layout: Layout, services: number): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const names = Array.from({ length: services }, (_, index) => `s${index}`);
  const each = layout !== 'one module';
  const module = (of: string): string => `module example.com/shop${of}\n\ngo 1.25\n`;
  if (!each) files.set('go.mod', module(''));
  if (layout === 'a module each, in a go.work')
    files.set(
      'go.work',
      `go 1.25\n\nuse (\n\t./lib\n${names.map((name) => `\t./services/${name}\n`).join('')})\n`,
    );
  if (each) files.set('lib/go.mod', module('/lib'));
  files.set('lib/money/money.go', 'package money\n');
  files.set('lib/clock/clock.go', 'package clock\n');
  for (const [index, name] of names.entries()) {
    const home = `services/${name}`;
    const imports = [
      'context',
      'net/http',
      index < importers ? 'example.com/shop/lib/money' : 'example.com/shop/lib/clock',
      `example.com/shop/${home}/internal/api`,
      `example.com/shop/${home}/internal/store`,
    ];
    if (each) files.set(`${home}/go.mod`, module(`/${home}`));
    files.set(
      `${home}/main.go`,
      `package main\n\nimport (\n${imports.map((one) => `\t_ "${one}"\n`).join('')})\n\nfunc main() {}\n`,
    );
    files.set(`${home}/internal/api/api.go`, 'package api\n\nimport _ "encoding/json"\n');
    files.set(`${home}/internal/store/store.go`, 'package store\n\nimport _ "database/sql"\n');
    files.set(`${home}/internal/store/store_test.go`, 'package store\n\nimport _ "testing"\n');
  }
  return files;
}

function write(dir: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
}

/** A repository whose last commit changed a library. */
async function makeRepository(
  dir: string,
  layout: Layout,
  services: number,
): Promise<{ dir: string; before: string; after: string }> {
  const git = await initScratchGit(dir);
  write(git.dir, sourcesOf(layout, services));
  const before = await git.commit('before');
  write(git.dir, new Map([['lib/money/money.go', 'package money\n\nvar Cents int\n']]));
  return { dir: git.dir, before, after: await git.commit('after') };
}

/** What one asks that has no plan: every module of its own, one after the other. */
async function listModules(
  exec: Exec,
  dir: string,
  layout: Layout,
  services: number,
): Promise<void> {
  const folders =
    layout === 'one module'
      ? ['.']
      : ['lib', ...Array.from({ length: services }, (_, index) => `services/s${index}`)];
  for (const folder of folders)
    await exec('go', ['list', '-e', '-json=ImportPath,Dir,Imports,TestImports', './...'], {
      cwd: path.join(dir, folder),
      maxStdoutBytes: 512 * 1024 * 1024,
      addEnv: { GOPROXY: 'off', GOFLAGS: '', GOWORK: 'off' },
    });
}

async function secondsOf(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return (performance.now() - started) / 1000;
}

/**
 * Times the plan of a push that changes a library, over repositories of 23, 200 and 500 services in one module
 * and in a module each, beside one round of a `go list` for each module.
 * Writes bench/results/flow.json.
 */
export async function timePlans(rounds = defaultRounds): Promise<void> {
  await ensureBundles(['release-context'], (line) => console.log(line));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-flow-'));
  const exec = systemExec({ log: fakeLog(), env: process.env });
  const samples: Sample[] = [];
  try {
    for (const layout of layouts)
      for (const services of counts) {
        const place = path.join(folder, `${layouts.indexOf(layout)}-${services}`);
        const { dir, before, after } = await makeRepository(place, layout, services);
        const commits = [{ sha: after, message: 'Cents' }] as const;
        const event = pushEvent({ before, commits });
        const plan = async (): Promise<void> => {
          const planned = await runBundle({
            action: 'release-context',
            workspace: dir,
            event,
            env: event.env,
            timeoutMs: 300_000,
          });
          const names = JSON.parse(planned.outputs['services'] ?? '[]') as string[];
          if (names.length !== importers)
            throw new Error(`Planned ${names.length} of ${importers}: ${planned.stdout}`);
        };
        for (let round = 0; round < rounds; round += 1) {
          samples.push({
            layout,
            services,
            peer: 'release-context',
            seconds: await secondsOf(plan),
          });
          // Takes minutes, and a go.work changes nothing for it.
          if (round > 0 || layout === 'a module each, without a go.work') continue;
          const list = (): Promise<void> => listModules(exec, dir, layout, services);
          const seconds = await secondsOf(list);
          samples.push({ layout, services, peer: 'go list, module by module', seconds });
        }
        console.table(samples.filter((one) => one.layout === layout && one.services === services));
      }
    const results = path.join(root, 'bench', 'results');
    mkdirSync(results, { recursive: true });
    const machine = { node: process.version, cpus: os.cpus().length, loadAverage: os.loadavg()[0] };
    writeFileSync(
      path.join(results, 'flow.json'),
      `${JSON.stringify({ machine, rounds, samples }, null, 2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
