import { existsSync } from 'node:fs';
import type { ChartSource, Login } from '@slipway/helm';
import { confine, quoted, type InputReader, type RunnerEnvironment } from '@slipway/runtime';

/** Where the chart is and what it takes to get it. */
export interface ChartInputs {
  source: ChartSource;
  /** At the repository of `source`, at the site of its archive, or at the one of its dependencies. */
  repositoryLogin: Login | undefined;
  passCredentials: boolean;
  /** At a registry; `host` is empty for the one that chart or dependencies name. */
  registryLogin: (Login & { host: string }) | undefined;
  /** PEM text; empty for the authorities of the system. */
  ca: string;
  /** File of public keys that must have signed the chart; empty to verify nothing. */
  keyring: string;
}

const nothing: ChartSource = { kind: 'local', path: '' };

/** The address without its user and password, and these. Throws when it is no address. */
function withoutLogin(text: string): { url: string; login: Login | undefined } {
  const url = new URL(text);
  const { username, password } = url;
  if (username === '' && password === '') return { url: text, login: undefined };
  const login = {
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  url.username = '';
  url.password = '';
  return { url: url.href, login };
}

/** A repository that `helm repo add` made known, unless there is a folder of that name. */
function isKnownRepository(chart: string, path: string): boolean {
  return /^\w[\w.-]*\/\w[\w.-]*$/.test(chart) && !existsSync(path);
}

function localSource(
  read: InputReader,
  runner: RunnerEnvironment,
  { chart, version }: { chart: string; version: string },
): ChartSource {
  const path = confine(runner.workspace, chart) ?? confine(runner.tempDir, chart);
  if (path === undefined) {
    read.problem(`chart: ${quoted(chart)} is outside the workspace and the runner's temp folder.`);
    return nothing;
  }
  if (isKnownRepository(chart, path))
    return { kind: 'known-repository', reference: chart, version };
  if (version !== '')
    read.problem(
      'chart-version: a chart on this machine has one version; drop it, or name repo or an oci:// chart.',
    );
  return { kind: 'local', path };
}

function readSource(
  read: InputReader,
  runner: RunnerEnvironment,
  { repo, required }: { repo: string; required: boolean },
): ChartSource {
  const chart = read.operand('chart', { required });
  const version = read.operand('chart-version', {
    pattern: /[0-9A-Za-z.*^~<>=!|, +-]{1,100}/,
    expected: 'a version such as 1.4.2 or a range such as ^1.4 or ">=1.4 <2"',
  });
  if (repo.startsWith('oci://'))
    return { kind: 'registry', reference: `${repo.replace(/\/+$/, '')}/${chart}`, version };
  if (repo !== '') {
    if (!/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(chart))
      read.problem(
        `chart: ${quoted(chart)} is no name of a chart in the repository that repo names.`,
      );
    return { kind: 'repository', url: repo, name: chart, version };
  }
  if (chart.startsWith('oci://')) return { kind: 'registry', reference: chart, version };
  if (/^https?:\/\//.test(chart)) {
    if (version !== '') read.problem('chart-version: an archive at an address has one version.');
    return { kind: 'archive', url: chart };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(chart))
    read.problem(`chart: ${quoted(chart)} is neither an oci:// reference nor an https:// address.`);
  return localSource(read, runner, { chart, version });
}

function loginOf(username: string, password: string): Login | undefined {
  return username === '' ? undefined : { username, password };
}

/** The address in an input, cleared of the login in it. */
function readAddress(read: InputReader, name: string, text: string) {
  if (!/^https?:\/\//.test(text)) return { url: text, login: undefined };
  return read.check(name, () => withoutLogin(text)) ?? { url: '', login: undefined };
}

/** Reads and checks the inputs that say which chart is deployed. */
export function readChartInputs(
  read: InputReader,
  runner: RunnerEnvironment,
  { required }: { required: boolean },
): ChartInputs {
  const given = read.operand('repo');
  if (given !== '' && !/^(?:https?|oci):\/\//.test(given))
    read.problem('repo: must be the address of a chart repository, https:// or oci://.');
  const repository = readAddress(read, 'repo', given);
  const found = readSource(read, runner, { repo: repository.url, required });
  const archive =
    found.kind === 'archive'
      ? readAddress(read, 'chart', found.url)
      : { url: '', login: undefined };
  const source: ChartSource = found.kind === 'archive' ? { ...found, url: archive.url } : found;
  const login = loginOf(read.string('repo-username'), read.secret('repo-password'));
  if (login !== undefined && (source.kind === 'registry' || source.kind === 'known-repository'))
    read.problem(
      'repo-username: has an effect only on a chart of repo, at an https:// address, or on this machine with ' +
        'dependencies from a repository; a registry (oci://) takes registry-username and registry-password.',
    );
  read.allOrNone(['repo-username', 'repo-password']);
  read.allOrNone(['registry-username', 'registry-password']);
  const registry = loginOf(read.string('registry-username'), read.secret('registry-password'));
  const host = read.operand('registry', {
    pattern: /[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9a-f:]+\](:\d{1,5})?/,
    expected: 'a host such as ghcr.io, without a path',
  });
  read.requires('registry', 'registry-username');
  const ca = read.document('chart-ca');
  if (ca !== '' && !ca.includes('-----BEGIN '))
    read.problem('chart-ca: is not PEM; give the text that begins with -----BEGIN.');
  return {
    source,
    repositoryLogin: login ?? repository.login ?? archive.login,
    passCredentials: read.boolean('repo-pass-credentials'),
    registryLogin: registry === undefined ? undefined : { ...registry, host },
    ca,
    keyring: read.path('keyring'),
  };
}
