import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError, type MaskSecret } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';
import { addressLogin } from './address-login.ts';
import {
  readChartFolder,
  readDependencies,
  type ChartDependency,
  type ChartMetadata,
} from './chart.ts';
import { isLocal } from './chart-copy.ts';
import { lockDigest } from './lock-digest.ts';
import { readArchivedChart } from './packaged-chart.ts';
import { fitsRange } from './version-range.ts';

/** What a look at a chart folder found out about its dependencies. */
export interface DependencyReport {
  chart: ChartMetadata;
  /** Declared and locked (or a folder beside the chart), but not in `charts/`: `helm dependency build` fetches them. */
  missing: readonly ChartDependency[];
}

interface Vendored {
  file: string;
  chart: ChartMetadata;
}

async function vendoredCharts(folder: string): Promise<readonly Vendored[]> {
  const charts = path.join(folder, 'charts');
  const entries = await fs.readdir(charts, { withFileTypes: true }).catch(() => []);
  const found: Vendored[] = [];
  for (const entry of entries) {
    if (/^[._]/.test(entry.name)) continue;
    const file = path.join(charts, entry.name);
    if (entry.isDirectory()) found.push({ file, chart: await readChartFolder(file) });
    else if (entry.name.endsWith('.tgz'))
      found.push({ file, chart: await readArchivedChart(file) });
  }
  return found;
}

/** Where the dependencies of a chart stand. */
function declaringFile({ apiVersion }: ChartMetadata): string {
  return apiVersion === 'v1' ? 'requirements.yaml' : 'Chart.yaml';
}

interface Lock {
  /** Chart.lock, or requirements.lock of a chart of apiVersion v1. */
  file: string;
  digest: string;
  dependencies: readonly ChartDependency[];
}

/** The lock of a chart folder. Helm reads both files and takes the last one. */
async function readLock(folder: string): Promise<Lock | undefined> {
  for (const file of ['requirements.lock', 'Chart.lock']) {
    const name = path.join(folder, file);
    const yaml = await fs.readFile(name, 'utf8').catch(() => undefined);
    if (yaml === undefined) continue;
    const document = readYaml(yaml, { name, rules: 'helm' }) as { digest?: unknown } | undefined;
    const digest = typeof document?.digest === 'string' ? document.digest : '';
    return { file, digest, dependencies: readDependencies(document) };
  }
  return undefined;
}

function lockProblems(chart: ChartMetadata, lock: Lock): string[] {
  const problems: string[] = [];
  const { file } = lock;
  const declaring = declaringFile(chart);
  for (const wanted of chart.dependencies) {
    const locked = lock.dependencies.find(({ name }) => name === wanted.name);
    if (locked === undefined) problems.push(`${file} has no entry for ${wanted.name}`);
    else if (!wanted.repository.startsWith('file://') && !fitsRange(locked.version, wanted.version))
      problems.push(
        `${file} has ${wanted.name} ${locked.version}, but ${declaring} wants ${wanted.version}`,
      );
    else if (locked.repository !== wanted.repository && !/^(@|alias:)/.test(wanted.repository))
      problems.push(
        `${file} has ${wanted.name} from ${locked.repository || 'no repository'}, ` +
          `but ${declaring} from ${wanted.repository || 'no repository'}`,
      );
  }
  for (const { name } of lock.dependencies)
    if (!chart.dependencies.some((wanted) => wanted.name === name))
      problems.push(`${file} has ${name}, which ${declaring} does not name`);
  return problems;
}

function digestProblem(chart: ChartMetadata, lock: Lock): string[] {
  // An alias is resolved from the machine's repository list before Helm computes the digest.
  if (chart.dependencies.some(({ repository }) => /^(@|alias:)/.test(repository))) return [];
  if (
    chart.apiVersion === 'v1' ||
    lock.digest === lockDigest(chart.dependencies, lock.dependencies)
  )
    return [];
  return [
    `the digest in ${lock.file} does not belong to the dependencies in ${declaringFile(chart)} ` +
      '(an alias, a condition, a tag or the notation of a range was edited)',
  ];
}

/**
 * Checks that Chart.yaml, Chart.lock and the archives in `charts/` of a chart folder agree. Helm itself
 * looks only whether a subchart of the right name exists (helm/helm: action.CheckDependencies). Throws
 * one InputError that lists every disagreement with file, dependency and next step. Logins in the
 * addresses of repositories are masked before any of them can be named.
 */
export async function checkDependencies(
  folder: string,
  maskSecret: MaskSecret,
): Promise<DependencyReport> {
  const chart = await readChartFolder(folder);
  const lock = await readLock(folder);
  for (const { repository } of [...chart.dependencies, ...(lock?.dependencies ?? [])]) {
    const login = addressLogin(repository);
    if (login !== undefined) maskSecret(login);
  }
  const declaring = declaringFile(chart);
  const vendored = await vendoredCharts(folder);
  const problems: string[] = [];
  if (chart.dependencies.length > 0 && lock !== undefined) {
    const entries = lockProblems(chart, lock);
    problems.push(...(entries.length > 0 ? entries : digestProblem(chart, lock)));
  }
  const missing: ChartDependency[] = [];
  for (const wanted of chart.dependencies) {
    const locked = lock?.dependencies.find(({ name }) => name === wanted.name);
    const archives = vendored.filter((entry) => entry.chart.name === wanted.name);
    const fits = (entry: Vendored): boolean =>
      locked === undefined
        ? fitsRange(entry.chart.version, wanted.version)
        : entry.chart.version.replace(/^v/, '') === locked.version.replace(/^v/, '');
    const should =
      locked === undefined
        ? `${declaring} wants ${wanted.version}`
        : `${lock?.file ?? ''} says ${locked.version}`;
    // One archive may serve several entries of the same chart under different aliases and versions.
    const entriesOfName = chart.dependencies.filter(({ name }) => name === wanted.name).length;
    for (const entry of archives)
      if (entriesOfName === 1 && !fits(entry))
        problems.push(
          `${path.relative(folder, entry.file)} is ${wanted.name} ${entry.chart.version}, but ${should}`,
        );
    if (entriesOfName === 1 && archives.length > 1)
      problems.push(
        `${wanted.name} is in charts/ more than once: ` +
          archives.map(({ file }) => path.basename(file)).join(', '),
      );
    if (archives.length === 0) missing.push(wanted);
  }
  // Of a folder beside the chart there is one version. To build one Helm looks for all, without a lock.
  const isPlain = chart.dependencies.every(isLocal);
  if (missing.length > 0 && lock === undefined && !isPlain)
    problems.push(
      `${missing.map(({ name }) => name).join(', ')}: named in ${declaring}, missing in charts/, ` +
        'and there is no Chart.lock that says which version to fetch',
    );
  if (problems.length > 0)
    throw new InputError(
      `The dependencies of the chart ${folder} do not agree:\n` +
        [...new Set(problems)].map((problem) => `  ${problem}.`).join('\n'),
      {
        next:
          `Run \`helm dependency update ${folder}\` on your machine and commit Chart.lock` +
          ' (and charts/, if you keep archives). Slipway never runs update itself: it would deploy' +
          ' versions that nobody reviewed.',
      },
    );
  return { chart, missing };
}
