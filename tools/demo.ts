import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { errorMessage, formatDuration } from '@slipway/runtime';
import { isAsExpected, type DemoResult } from '../test/demo/demo-result.ts';
import { renderReport } from '../test/demo/report-page.ts';
import { hasBundles, runDemo } from '../test/demo/run-demo.ts';
import { ensureBundles } from './bundle/fresh-bundles.ts';
import { readManifest, root } from './manifest.ts';

const usage = `usage: npm run demo -- [--kubeconfig FILE [--registry HOST:PORT] [--prometheus-url URL]]

  Takes a Go monorepo through a pull request, three pushes to main, a re-run of an old one, and four tags: one whose pods are evicted and
  scaled in while they are verified, and two that are sick.
  Everything is real: workflow files, bundles, Go, Helm, Kubernetes, a registry, Prometheus.

  --kubeconfig FILE     use a cluster of yours; root is then not needed
  --registry HOST:PORT  a registry that its nodes pull from; else one is started on this machine
  --prometheus-url URL  a Prometheus that scrapes its pods by annotation; else one is started here

  What is started beside a cluster of yours, and the namespaces made in it, are removed at the end.`;

const names = readManifest().map(({ name }) => name);

/** Committed bundles are those of the committed sources; changed sources are bundled first. */
async function bundles(): Promise<void> {
  const sources = ['packages', 'actions', 'package-lock.json', 'tsconfig.json', 'dist'];
  const clean = await promisify(execFile)('git', ['status', '--porcelain', '--', ...sources], {
    cwd: root,
  }).then(
    ({ stdout }) => stdout === '',
    () => true,
  );
  if (clean && hasBundles(root, names)) return;
  await ensureBundles(names, (line) => print(`  ${line}`));
}

function print(line: string): void {
  console.log(line);
}

function table(result: DemoResult): string {
  const rows = result.stages.map((stage, index) => [
    String(index + 1),
    stage.title,
    isAsExpected(stage) ? 'as expected' : 'NOT AS EXPECTED',
    formatDuration(stage.endedMs - stage.startedMs),
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kubeconfig: { type: 'string' },
      registry: { type: 'string' },
      'prometheus-url': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string', multiple: true },
    },
  });
  if (values.help === true) {
    print(usage);
    return 0;
  }
  print('Slipway demo: one Go monorepo, nine workflow runs, a real cluster on this machine.');
  const own = {
    ...(values.kubeconfig === undefined
      ? {}
      : { SLIPWAY_KUBECONFIG: path.resolve(values.kubeconfig) }),
    ...(values.registry === undefined ? {} : { SLIPWAY_REGISTRY: values.registry }),
    ...(values['prometheus-url'] === undefined
      ? {}
      : { SLIPWAY_PROMETHEUS_URL: values['prometheus-url'] }),
  };
  const env = { ...process.env, ...own };
  const result = await runDemo({
    ...{ env, print, bundles, signal: interrupted.signal },
    ...(values.only === undefined ? {} : { only: values.only }),
  });
  const folder = path.join(root, '.out', 'demo');
  mkdirSync(folder, { recursive: true });
  const page = path.join(folder, 'index.html');
  writeFileSync(path.join(folder, 'result.json'), JSON.stringify(result, null, 2));
  writeFileSync(page, renderReport(result));
  const good = result.stages.every(isAsExpected);
  print('');
  print(table(result));
  print('');
  print(
    `${good ? 'All as expected' : 'Not all as expected'} after ${formatDuration(result.endedMs - result.startedMs)}. Report: ${pathToFileURL(page).href}`,
  );
  return good ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  const { aborted } = interrupted.signal;
  console.error(`demo: ${errorMessage(aborted ? interrupted.signal.reason : error)}`);
  process.exit(aborted ? 130 : 1);
}
