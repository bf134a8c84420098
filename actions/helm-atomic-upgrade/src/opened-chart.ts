import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import {
  buildDependencies,
  createHelmCommands,
  openChart,
  readChartFolder,
  registryHost,
  writeRegistryLogin,
  type ChartSource,
  type HelmCommands,
  type HelmTool,
  type OpenedChart,
} from '@slipway/helm';
import { createHttpClient, shownUrl } from '@slipway/http';
import { InputError, type Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** The places that the dependencies of a chart on this machine come from. */
async function placesOf(source: ChartSource): Promise<readonly string[]> {
  if (source.kind !== 'local' || source.path.endsWith('.tgz')) return [];
  const { dependencies } = await readChartFolder(source.path);
  return dependencies.map(({ repository }) => repository);
}

/** The registries that a chart, or what it depends on, comes from. */
async function registriesOf(source: ChartSource): Promise<ReadonlySet<string>> {
  if (source.kind === 'registry') return new Set([registryHost(source.reference)]);
  const places = await placesOf(source);
  return new Set(places.filter((place) => place.startsWith('oci://')).map(registryHost));
}

/** Which registry the login is for. Throws InputError when that cannot be told. */
async function loginHost(source: ChartSource, given: string): Promise<string> {
  if (given !== '') return given;
  const [host, ...others] = await registriesOf(source);
  if (host !== undefined && others.length === 0) return host;
  const several = [host, ...others].join(', ');
  throw new InputError(
    host === undefined
      ? 'registry-username: neither the chart nor its dependencies come from a registry (oci://).'
      : `registry-username: the dependencies of the chart come from several registries (${several}).`,
    {
      next:
        host === undefined
          ? 'Drop the login, or name its host in registry.'
          : 'Name the one that the login is for in registry, and log in to the others in a step before.',
    },
  );
}

/** A Helm that knows the login of the registry, and works on no cluster. */
async function helmWithLogin(
  run: Run,
  tools: { exec: Exec; tool: Promise<HelmTool> },
  inputs: Inputs,
  folder: string,
): Promise<HelmCommands> {
  const { exec, tool } = tools;
  const { registryLogin: login, source } = inputs.chart;
  const plain = createHelmCommands(exec, tool);
  if (login === undefined) return plain;
  const { username, password } = login;
  run.maskSecret(password);
  run.maskSecret(Buffer.from(`${username}:${password}`).toString('base64'));
  const host = await loginHost(source, login.host);
  const registryConfig = await writeRegistryLogin(plain, { username, password, host }, folder);
  return createHelmCommands(exec, tool, { registryConfig });
}

/**
 * The repository of the dependencies of a chart on this machine, without a slash at its end, and the login
 * at it, which goes nowhere else. Throws InputError when it cannot be told which one is meant.
 */
export async function dependencyLogin({ chart }: Pick<Inputs, 'chart'>) {
  const { source, repositoryLogin, passCredentials } = chart;
  if (repositoryLogin === undefined || source.kind !== 'local') return undefined;
  const places = await placesOf(source);
  const [url, ...others] = new Set(
    places.filter((place) => /^https?:\/\//.test(place)).map((place) => place.replace(/\/$/, '')),
  );
  if (url !== undefined && others.length === 0) return { ...repositoryLogin, url, passCredentials };
  throw new InputError(
    url === undefined
      ? 'repo-username: no dependency of the chart comes from a repository at an address (https://).'
      : `repo-username: the dependencies of the chart come from several repositories (${[url, ...others].map(shownUrl).join(', ')}).`,
    {
      next:
        url === undefined
          ? 'Drop the login; one of a repository that `helm repo add` named (@name) is that of its step.'
          : 'Log in to each with `helm repo add` in a step before, and drop the login here.',
    },
  );
}

async function writeCa(ca: string, folder: string): Promise<string | undefined> {
  if (ca === '') return undefined;
  const file = path.join(folder, 'chart-ca.pem');
  await writeFile(file, `${ca}\n`, { mode: 0o600 });
  return file;
}

/**
 * Brings the chart of the inputs onto this machine, with its dependencies: fetched once, so that what is
 * rendered and what is deployed are the same bytes. Logins are written below `folder` alone, which the
 * post step removes. Throws as `openChart` and `buildDependencies` do.
 */
export async function openChartOfInputs(
  run: Run,
  tools: { exec: Exec; tool: Promise<HelmTool> },
  inputs: Inputs,
  folder: string,
): Promise<OpenedChart> {
  const { log, clock, signal, env } = run;
  const { source, repositoryLogin, passCredentials, ca, keyring } = inputs.chart;
  // A token alone stands where the user would, as in https://token@host.
  if (repositoryLogin !== undefined)
    run.maskSecret(repositoryLogin.password || repositoryLogin.username);
  const place = path.join(folder, 'chart');
  await mkdir(place, { recursive: true, mode: 0o700 });
  const helm = await helmWithLogin(run, tools, inputs, place);
  const caFile = await writeCa(ca, place);
  const http = createHttpClient({ env, ...(ca === '' ? {} : { tls: { extraCa: ca } }) });
  try {
    const chart = await openChart({ helm, fetch: http.fetch, clock, log, signal }, source, {
      access: {
        repository: repositoryLogin,
        passCredentials,
        caFile,
        keyring: keyring === '' ? undefined : keyring,
      },
      folder: place,
      attempts: inputs.maxRetries + 1,
      timeoutMs: inputs.timeoutMs,
    });
    if (chart.kind === 'archive') return chart;
    const {
      path: whole,
      fetched,
      packed,
    } = await buildDependencies(helm, chart.path, {
      tempDir: place,
      caFile,
      login: await dependencyLogin(inputs),
      log,
      maskSecret: run.maskSecret,
    });
    if (fetched.length > 0) log.info(`Fetched ${fetched.join(', ')} as Chart.lock says`);
    if (packed.length > 0) log.info(`Packed ${packed.join(', ')} from beside the chart`);
    return { ...chart, path: whole };
  } finally {
    await http.close();
  }
}
