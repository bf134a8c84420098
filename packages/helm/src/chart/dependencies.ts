import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError, type MaskSecret } from '@slipway/runtime';
import { addressLogin } from './address-login.ts';
import { readChartFolder, type ChartDependency, type ChartMetadata } from './chart.ts';
import { isLocal } from './chart-copy.ts';
import { declaringFile, lockProblems, readLock, type Lock } from './chart-lock.ts';
import { readArchivedChart } from './packaged-chart.ts';
import { fitsRange } from './version-range.ts';

/** What a look at a chart folder found out about its dependencies. */
export interface DependencyReport {
  chart: ChartMetadata;
  /** Declared and locked (or a folder beside the chart), but not in `charts/`: `helm dependency build` fetches them. */
  missing: readonly ChartDependency[];
  /** Where the files of the chart contradict each other, in words. Helm deploys what is in `charts/`. */
  disagreements: readonly string[];
}

interface Vendored {
  file: string;
  chart: ChartMetadata;
}

async function vendoredCharts(folder: string): Promise<readonly Vendored[]> {
  const charts = path.join(folder, 'charts');
  const entries = await fs.readdir(charts, { withFileTypes: true }).catch(() => []);
  const found: Vendored[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (/^[._]/.test(entry.name)) continue;
    const file = path.join(charts, entry.name);
    if (entry.isDirectory()) found.push({ file, chart: await readChartFolder(file) });
    else if (entry.name.endsWith('.tgz'))
      found.push({ file, chart: await readArchivedChart(file) });
  }
  return found;
}

/** What the archives in `charts/` of one dependency say otherwise than its entry, in words. */
function archiveProblems(
  chart: ChartMetadata,
  { name, version }: ChartDependency,
  { lock, archives }: { lock: Lock | undefined; archives: readonly Vendored[] },
): readonly string[] {
  // One archive may serve several entries of the same chart under different aliases and versions.
  if (chart.dependencies.filter((one) => one.name === name).length !== 1) return [];
  const locked = lock?.dependencies.find((one) => one.name === name);
  const fits = (entry: Vendored): boolean =>
    locked === undefined
      ? fitsRange(entry.chart.version, version)
      : entry.chart.version.replace(/^v/, '') === locked.version.replace(/^v/, '');
  const should =
    locked === undefined
      ? `${declaringFile(chart)} wants ${version}`
      : `${lock?.file ?? ''} says ${locked.version}`;
  const files = archives.map(({ file }) => path.basename(file));
  return [
    ...archives
      .filter((entry) => !fits(entry))
      .map(
        (entry) =>
          `${path.join('charts', path.basename(entry.file))} is ${name} ${entry.chart.version}, but ${should}`,
      ),
    ...(files.length > 1 ? [`${name} is in charts/ more than once: ${files.join(', ')}`] : []),
  ];
}

function refusal(folder: string, problems: readonly string[]): InputError {
  const lines = problems.map((problem) => `  ${problem}.`).join('\n');
  return new InputError(
    `The dependencies of the chart ${folder} do not agree, and some of them are missing in charts/:\n${lines}`,
    {
      next:
        `Run \`helm dependency update ${folder}\` on your machine and commit Chart.lock` +
        ' (and charts/, if you keep archives). Slipway never runs update itself: it would deploy' +
        ' versions that nobody reviewed.',
    },
  );
}

/**
 * Compares Chart.yaml, Chart.lock and the archives in `charts/` of a chart folder. What lies in `charts/` is
 * what Helm deploys: it looks only whether a subchart of each name is there (helm/helm:
 * action.CheckDependencies), so a disagreement is told and no more. Where something is missing, the lock
 * has to say what to fetch: throws one InputError that lists every disagreement about it. Logins in the
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
  const vendored = await vendoredCharts(folder);
  const archivesOf = ({ name }: ChartDependency): readonly Vendored[] =>
    vendored.filter((entry) => entry.chart.name === name);
  const missing = chart.dependencies.filter((wanted) => archivesOf(wanted).length === 0);
  const ofLock =
    chart.dependencies.length === 0 || lock === undefined ? [] : lockProblems(chart, lock);
  if (missing.length > 0) {
    // Of a folder beside the chart there is one version. To build one Helm looks for all, without a lock.
    const isPlain = chart.dependencies.every(isLocal);
    const names = missing.map(({ name }) => name).join(', ');
    const unlocked =
      `${names}: named in ${declaringFile(chart)}, missing in charts/, ` +
      'and there is no Chart.lock that says which version to fetch';
    const problems = lock === undefined && !isPlain ? [unlocked] : ofLock;
    if (problems.length > 0) throw refusal(folder, [...new Set(problems)]);
  }
  const ofArchives = chart.dependencies.flatMap((wanted) =>
    archiveProblems(chart, wanted, { lock, archives: archivesOf(wanted) }),
  );
  return { chart, missing, disagreements: [...new Set([...ofLock, ...ofArchives])] };
}
