import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError } from '@slipway/exec';
import { isLoopback } from '@slipway/http';
import { ActionError, type Log, type MaskSecret } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';
import type { ChartDependency } from './chart.ts';
import type { Login } from './chart-source.ts';
import { copyChart, isLocal } from './chart-copy.ts';
import { checkDependencies } from './dependencies.ts';
import { readHelmError, type HelmCommands } from '../tool/index.ts';

const withoutSlash = (url: string): string => url.replace(/\/$/, '');

/** What the repository file at `file` calls the URLs that it names. */
async function knownRepositories(file: string): Promise<ReadonlyMap<string, string>> {
  const yaml = await fs.readFile(file, 'utf8').catch(() => '');
  const document = readYaml(yaml, { name: file, rules: 'helm' }) as
    { repositories?: { name?: unknown; url?: unknown }[] } | undefined;
  return new Map(
    (document?.repositories ?? []).map(({ name, url }) => [
      withoutSlash(String(url)),
      String(name),
    ]),
  );
}

/**
 * `helm dependency build` refuses classic repositories that were never added (`no repository
 * definition`), also those of dependencies that are there, so they are added to a copy of the user's list
 * under the job's own folder. What that list says of logins and certificates holds for the copy, but for
 * the repository of `login`.
 */
async function repositoryList(
  helm: HelmCommands,
  dependencies: readonly ChartDependency[],
  { tempDir, caFile, login }: Pick<BuildOptions, 'tempDir' | 'caFile' | 'login'>,
): Promise<readonly string[]> {
  const urls = new Set(
    dependencies.map(({ repository }) => repository).filter((url) => /^https?:\/\//.test(url)),
  );
  if (urls.size === 0) return [];
  const own = (await helm.run(['env', 'HELM_REPOSITORY_CONFIG'])).stdout.trim();
  const copy = path.join(tempDir, 'repositories.yaml');
  await fs.copyFile(own, copy).catch(() => undefined);
  const known = await knownRepositories(copy);
  const flags = ['--repository-config', copy];
  for (const url of urls) {
    const own = known.get(withoutSlash(url));
    const mine = withoutSlash(login?.url ?? '') === withoutSlash(url) ? login : undefined;
    if (own !== undefined && mine === undefined) continue;
    const name = own ?? `slipway-${createHash('sha256').update(url).digest('hex').slice(0, 12)}`;
    const access = [
      ...(caFile === undefined ? [] : ['--ca-file', caFile]),
      ...(mine === undefined
        ? []
        : ['--username', mine.username, '--password-stdin', '--force-update']),
      ...(mine?.passCredentials === true ? ['--pass-credentials'] : []),
    ];
    await helm.run(
      ['repo', 'add', name, url, ...access, ...flags],
      mine === undefined ? {} : { input: `${mine.password}\n` },
    );
  }
  return flags;
}

/** How the dependencies of a chart are fetched. */
export interface BuildOptions {
  /** Private to the job. */
  tempDir: string;
  /** File with the certificates (PEM) to trust at repositories that no earlier step added. */
  caFile: string | undefined;
  /** At the one repository of dependencies at `url`, over what an earlier step added. */
  login?: (Login & { url: string; passCredentials: boolean }) | undefined;
  log: Log;
  maskSecret: MaskSecret;
}

/** A chart folder with all that it depends on. */
export interface CompleteChart {
  /** The folder itself, or a copy below the job's own folder. */
  path: string;
  /** Names of the dependencies that were fetched from repositories and registries. */
  fetched: readonly string[];
  /** Names of those that were packed from folders beside the chart. */
  packed: readonly string[];
}

/**
 * Checks the chart folder and fetches what the lock file names and `charts/` lacks, with
 * `helm dependency build` and never `update`. Where a folder beside the chart is missing as an archive,
 * all that happens in a copy. Warns where files disagree. Throws InputError when they do not say what to
 * fetch, ActionError when a repository does not answer.
 */
export async function buildDependencies(
  helm: HelmCommands,
  folder: string,
  options: BuildOptions,
): Promise<CompleteChart> {
  const { tempDir, log, maskSecret } = options;
  const { chart, missing, disagreements } = await checkDependencies(folder, maskSecret);
  if (missing.length === 0) {
    tellDisagreements(log, folder, disagreements);
    return { path: folder, fetched: [], packed: [] };
  }
  const path = missing.some(isLocal)
    ? await copyChart(folder, chart.dependencies, tempDir)
    : folder;
  await fetchMissing(helm, path, { ...options, missing, dependencies: chart.dependencies });
  tellDisagreements(log, folder, (await checkDependencies(path, maskSecret)).disagreements);
  const namesOf = (local: boolean): string[] =>
    missing.filter((one) => isLocal(one) === local).map(({ name }) => name);
  return { path, fetched: namesOf(false), packed: namesOf(true) };
}

function tellDisagreements(log: Log, folder: string, disagreements: readonly string[]): void {
  if (disagreements.length === 0) return;
  log.warning(
    `The dependencies of the chart ${folder} do not agree; what is in charts/ is deployed, as Helm does:\n` +
      disagreements.map((one) => `  ${one}.`).join('\n') +
      `\nRun \`helm dependency update ${folder}\` on your machine and commit Chart.lock and charts/.`,
    { title: 'Chart dependencies' },
  );
}

async function fetchMissing(
  helm: HelmCommands,
  folder: string,
  options: BuildOptions & Record<'missing' | 'dependencies', readonly ChartDependency[]>,
): Promise<void> {
  const { missing, dependencies } = options;
  const registries = missing.filter(({ repository }) => repository.startsWith('oci://'));
  // Helm may speak plain HTTP to registries on this machine alone.
  const plain = registries.length > 0 && registries.every((one) => isLoopback(one.repository));
  const names = missing.map(({ name }) => name);
  try {
    const flags = await repositoryList(helm, dependencies, options);
    await helm.run(['dependency', 'build', folder, ...flags, ...(plain ? ['--plain-http'] : [])]);
  } catch (cause) {
    if (!(cause instanceof ExecError)) throw cause;
    throw new ActionError(
      `The dependencies of ${folder} could not be fetched (${names.join(', ')} from ` +
        `${[...new Set(missing.map((one) => one.repository || 'no repository'))].join(', ')}): ` +
        readHelmError(cause.stderr, cause.message).message,
      {
        title: 'Chart dependencies',
        next:
          'Look whether the repository answers and holds the version in the lock file. A private registry ' +
          'needs registry-username and registry-password; a private repository repo-username and repo-password, or ' +
          '`helm repo add` in an earlier step.',
        cause,
      },
    );
  }
}
