import * as fs from 'node:fs/promises';
import path from 'node:path';
import { readYaml } from '@slipway/yaml';
import { readDependencies, type ChartDependency, type ChartMetadata } from './chart.ts';
import { lockDigest } from './lock-digest.ts';
import { fitsRange } from './version-range.ts';

/** Where the dependencies of a chart stand. */
export function declaringFile({ apiVersion }: ChartMetadata): string {
  return apiVersion === 'v1' ? 'requirements.yaml' : 'Chart.yaml';
}

/** Which versions the dependencies of a chart were resolved to. */
export interface Lock {
  /** Chart.lock, or requirements.lock of a chart of apiVersion v1. */
  file: string;
  digest: string;
  dependencies: readonly ChartDependency[];
}

/** The lock of a chart folder. Helm reads both files and takes the last one. */
export async function readLock(folder: string): Promise<Lock | undefined> {
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

function entryProblems(chart: ChartMetadata, lock: Lock): string[] {
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

/** What a lock says otherwise than the chart that it is of, in words. */
export function lockProblems(chart: ChartMetadata, lock: Lock): readonly string[] {
  const entries = entryProblems(chart, lock);
  return entries.length > 0 ? entries : digestProblem(chart, lock);
}
