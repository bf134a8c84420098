import { execFile } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { node24 } from '@slipway/testing';
import type { LocalRunner } from './local-runner.ts';

const run = promisify(execFile);

/** How this machine reaches the network; nothing else of the environment is handed on to jobs. */
const handedOn = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO'],
] as const;
const goSettings = [
  'GOPROXY',
  'GOSUMDB',
  'GOPRIVATE',
  'GONOPROXY',
  'GONOSUMDB',
  'GOINSECURE',
] as const;

/** What a local runner is made of. */
export interface RunnerParts {
  act: string;
  slipway: string;
  /** What is kept between runs lies under it, one home for all: modules and build results are shared. */
  cache: string;
  /** Further folders of programs, such as Helm's. */
  path?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/**
 * A runner as GitHub's own are set up: a clean environment, Node 24 first in PATH, and the Go that is
 * installed on this machine in the tool cache. Modules and build results are kept under `cache`.
 */
export async function prepareRunner(parts: RunnerParts): Promise<LocalRunner> {
  const asked = ['GOROOT', 'GOVERSION', 'GOHOSTARCH', 'GOMODCACHE', ...goSettings];
  const { stdout } = await run('go', ['env', '-json', ...asked]);
  const go = JSON.parse(stdout) as Record<(typeof asked)[number], string>;
  const { GOROOT = '', GOVERSION = '', GOHOSTARCH = '', GOMODCACHE = '' } = go;
  const handed: Record<string, string> = {};
  for (const [name, value] of [
    ...handedOn.map((name) => [name, process.env[name] ?? ''] as const),
    ...goSettings.map((name) => [name, go[name] ?? ''] as const),
  ])
    if (value !== '') handed[name] = value;
  const home = path.join(parts.cache, 'runner');
  putInToolCache(home, GOROOT, GOVERSION.replace(/^go/, ''), GOHOSTARCH);
  return {
    act: parts.act,
    slipway: parts.slipway,
    home,
    path: [
      path.dirname(node24()),
      ...(parts.path ?? []),
      path.join(GOROOT, 'bin'),
      ...['/usr/local/bin', '/usr/bin', '/bin'],
    ],
    env: {
      ...handed,
      LANG: 'C.UTF-8',
      // GitHub checks a repository out at the same path every time; act does not, and paths are part
      // of what Go's build cache goes by.
      GOFLAGS: '-trimpath',
      GOMODCACHE,
      GOCACHE: path.join(home, 'go-build'),
      ...parts.env,
    },
  };
}

/** Where act has its tool cache, with the layout of @actions/tool-cache. */
function putInToolCache(home: string, goroot: string, version: string, goArch: string): void {
  const arch = { amd64: 'x64', '386': 'x86' }[goArch] ?? goArch;
  const folder = path.join(home, 'act', 'tool_cache', 'go', version);
  const entry = path.join(folder, arch);
  if (!existsSync(entry)) {
    mkdirSync(folder, { recursive: true });
    // A link to a Go that has since been removed.
    if (lstatSync(entry, { throwIfNoEntry: false }) !== undefined) rmSync(entry);
    symlinkSync(goroot, entry);
  }
  writeFileSync(`${entry}.complete`, '');
}
