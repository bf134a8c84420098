import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureBundles } from '../tools/bundle/fresh-bundles.ts';
import { readManifest, root } from '../tools/manifest.ts';

const defaultRounds = 20;

/** One program whose start is timed. */
interface Subject {
  name: string;
  entry: string;
  env: Readonly<Record<string, string>>;
}

/** A bundle that prints one line through @actions/core, built like ours. */
async function buildReference(folder: string): Promise<string> {
  const source = path.join(folder, 'reference.mjs');
  writeFileSync(source, `import * as core from '@actions/core';\ncore.info('ready');\n`);
  const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js');
  const outDir = path.join(folder, 'reference');
  await promisify(execFile)(
    process.execPath,
    [ncc, 'build', source, '--minify', '--no-cache', '--out', outDir],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  return (
    ['index.mjs', 'index.js'].map((name) => path.join(outDir, name)).find(existsSync) ?? outDir
  );
}

/** Milliseconds from the start of the process to its end. */
function timeOnce({ entry, env }: Subject): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [entry], { env, stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`${entry} ended with ${code ?? 'a signal'}.`));
    });
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** An action in a post step that has nothing to do: all of it is loaded, and it ends at once. */
function actionSubject(name: string, temp: string): Subject {
  const env = { RUNNER_TEMP: temp, [`STATE_slipway_${name}_main`]: 'started' };
  return { name, entry: path.join(root, 'dist', name, 'index.js'), env };
}

/**
 * Times the start of every bundle against a bundle that only prints through @actions/core and against
 * an empty program, in turns, so that a busy machine is busy for all of them. Prints a table and writes
 * bench/results/startup.json. The first argument is the number of rounds.
 */
export async function run(args: readonly string[] = []): Promise<void> {
  const rounds = Number(args[0] ?? defaultRounds);
  await ensureBundles(undefined, (line) => console.log(line));
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  // Inside the checkout, where @actions/core is found.
  const folder = mkdtempSync(path.join(root, '.cache', 'startup-'));
  try {
    const empty = path.join(folder, 'empty.mjs');
    writeFileSync(empty, '');
    const reference = { name: '@actions/core', entry: await buildReference(folder), env: {} };
    const subjects: Subject[] = [
      { name: 'node', entry: empty, env: {} },
      reference,
      ...readManifest().map(({ name }) => actionSubject(name, folder)),
    ];
    const times = new Map(subjects.map((subject) => [subject.name, [] as number[]]));
    for (const subject of subjects) await timeOnce(subject);
    for (let round = 0; round < rounds; round += 1)
      for (const subject of subjects) times.get(subject.name)?.push(await timeOnce(subject));
    const medianOf = (name: string): number => median(times.get(name) ?? []);
    const [node, core] = [medianOf('node'), medianOf(reference.name)];
    const rows = subjects.map(({ name, entry }) => ({
      name,
      kilobytes: Math.round(statSync(entry).size / 1000),
      medianMs: Math.round(medianOf(name)),
      aboveNodeMs: Math.round(medianOf(name) - node),
      ratioToCore: Number((medianOf(name) / core).toFixed(2)),
    }));
    console.table(rows);
    const results = path.join(root, 'bench', 'results');
    mkdirSync(results, { recursive: true });
    const machine = { node: process.version, cpus: os.cpus().length, loadAverage: os.loadavg()[0] };
    writeFileSync(
      path.join(results, 'startup.json'),
      `${JSON.stringify({ machine, rounds, rows }, null, 2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
