import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { goName } from '@slipway/go';
import { readRunnerEnvironment } from '@slipway/runtime';
import { fakeClock, fakeLog, inputValues } from '@slipway/testing';
import { chooseToolchain } from '../src/chosen-toolchain.ts';
import { parseInputs } from '../src/inputs.ts';

/*
 * The forms of versions and files that actions/setup-go 7.0.0 knows from its workflows versions.yml and
 * microsoft-validation.yml and from its unit tests, and what it makes of each (read in its sources at fba3fb4). Where
 * ours differs, `why` says so; a row without it must come out as there.
 */
interface Row {
  with?: Record<string, string>;
  files?: Record<string, string>;
  env?: Record<string, string>;
  /** Releases in the tool cache. */
  cached?: readonly string[];
  /** What actions/setup-go sets up; `path` for the Go in PATH, `error` for none. */
  setupGo: string;
  /** What we set up, and why, where it differs. */
  ours?: string;
  why?: string;
}

const goOnPath = '1.22.1';
const published = [
  ...['1.27rc1', '1.26.8', '1.26.0', '1.25.9', '1.25.0', '1.24.12', '1.24.9', '1.23.12', '1.23.2'],
  ...['1.22.12', '1.22.8', '1.22.4', '1.21.13', '1.21.10', '1.21.0', '1.20.14', '1.20', '1.19.13'],
  ...['1.14rc1', '1.14.15', '1.14', '1.13.15', '1.13.7', '1.13', '1.11.12', '1.8.7'],
];

const mod = (...lines: string[]): string =>
  ['module example.com/m', ...lines, 'require example.com/other v1.2.3', ''].join('\n\n');
const file = (name: string, text: string) => ({
  with: { 'go-version-file': name },
  files: { [name]: text },
});
const version = (text: string, more: Record<string, string> = {}) => ({
  with: { 'go-version': text, ...more },
});
const local = { GOTOOLCHAIN: 'local' };
const mirror = 'https://mirror.example.com/golang';

const rows: Readonly<Record<string, Row>> = {
  'no version': { setupGo: 'path' },
  stable: { ...version('stable'), setupGo: '1.26.8' },
  oldstable: { ...version('oldstable'), setupGo: '1.25.9' },
  'stable for x32': { ...version('stable', { architecture: 'x32' }), setupGo: '1.26.8' },
  'stable although an older one is there': {
    ...version('stable'),
    cached: ['1.25.9'],
    setupGo: '1.26.8',
  },
  '1.20.14': { ...version('1.20.14'), setupGo: '1.20.14' },
  '1.21.13': { ...version('1.21.13'), setupGo: '1.21.13' },
  '1.23.2 of the tool cache': { ...version('1.23.2'), cached: ['1.23.2'], setupGo: '1.23.2' },
  '1.11.12, which only go.dev has': { ...version('1.11.12'), setupGo: '1.11.12' },
  '1.13.0': { ...version('1.13.0'), setupGo: '1.13' },
  '1.13': { ...version('1.13'), setupGo: '1.13.15' },
  '1.8': { ...version('1.8'), setupGo: '1.8.7' },
  '1': { ...version('1'), setupGo: '1.26.8' },
  '^1.13.6': { ...version('^1.13.6'), setupGo: '1.26.8' },
  '~1.13.6': { ...version('~1.13.6'), setupGo: '1.13.15' },
  '1.24.x': { ...version('1.24.x'), setupGo: '1.24.12' },
  '>=1.22 <1.25': { ...version('>=1.22 <1.25'), setupGo: '1.24.12' },
  '1.14.0-rc.1': { ...version('1.14.0-rc.1'), setupGo: '1.14rc1' },
  '1.14rc1': {
    ...version('1.14rc1'),
    setupGo: 'error',
    ours: '1.14rc1',
    why: 'Go writes its prereleases so, also in go.mod',
  },
  'go1.24.9': {
    ...version('go1.24.9'),
    setupGo: 'error',
    ours: '1.24.9',
    why: 'what go version prints is a version',
  },
  '9.99.9': {
    ...version('9.99.9'),
    setupGo: 'error',
    ours: '9.99.9',
    why: 'told with the nearest ones when it is fetched',
  },
  'a word': { ...version('newest'), setupGo: 'error' },
  '1.24 of the tool cache': { ...version('1.24'), cached: ['1.24.9', '1.23.2'], setupGo: '1.24.9' },
  '1.24 of the tool cache with check-latest': {
    ...version('1.24', { 'check-latest': 'true' }),
    cached: ['1.24.9'],
    setupGo: '1.24.12',
  },
  '1.20 with check-latest': {
    ...version('1.20', { 'check-latest': 'true' }),
    setupGo: '1.20.14',
  },
  'go.mod': { ...file('go.mod', mod('go 1.20')), setupGo: '1.20.14' },
  'go.mod with a patch': { ...file('go.mod', mod('go 1.21.0')), setupGo: '1.21.0' },
  'go.mod in a folder': { ...file('tests/data/go.mod', mod('go 1.20')), setupGo: '1.20.14' },
  'go.mod with CRLF': { ...file('go.mod', 'module m\r\n\r\ngo 1.20\r\n'), setupGo: '1.20.14' },
  'go.mod with a toolchain': {
    ...file('go.mod', mod('go 1.20', 'toolchain go1.22.4')),
    setupGo: '1.22.4',
  },
  'go.work with a toolchain': {
    ...file('go.work', 'go 1.19\n\ntoolchain go1.22.4\n\nuse .\n'),
    setupGo: '1.22.4',
  },
  'go.mod with a toolchain where GOTOOLCHAIN is local': {
    ...file('go.mod', mod('go 1.20', 'toolchain go1.22.4')),
    env: local,
    setupGo: '1.20.14',
  },
  'go.work with a toolchain where GOTOOLCHAIN is local': {
    ...file('go.work', 'go 1.19\n\ntoolchain go1.22.4\n\nuse .\n'),
    env: local,
    setupGo: '1.19.13',
  },
  'the same go.mod a second time in a job': {
    ...file('go.mod', mod('go 1.20', 'toolchain go1.22.4')),
    env: { ...local, SLIPWAY_GOTOOLCHAIN: 'local' },
    setupGo: '1.20.14',
    ours: '1.22.4',
    why: 'the GOTOOLCHAIN that the first call exported says nothing of what the user wants',
  },
  'go.mod with a prerelease as toolchain': {
    ...file('go.mod', mod('go 1.20', 'toolchain go1.27rc1')),
    setupGo: 'error',
    ours: '1.27rc1',
    why: 'Go writes its prereleases so',
  },
  'go.mod of a prerelease': {
    ...file('go.mod', mod('go 1.27rc1')),
    setupGo: 'error',
    ours: '1.27rc1',
    why: 'half of the version is not the version',
  },
  'go.mod with the toolchain default': {
    ...file('go.mod', mod('go 1.20', 'toolchain default')),
    setupGo: '1.20.14',
  },
  'go.mod without a go line': { ...file('go.mod', mod()), setupGo: 'path' },
  'go.work': { ...file('go.work', 'go 1.21\n\nuse .\n'), setupGo: '1.21.13' },
  '.tool-versions': { ...file('.tool-versions', 'golang 1.23.2'), setupGo: '1.23.2' },
  '.tool-versions with a remark': {
    ...file('.tool-versions', 'nodejs 20\ngolang 1.23 # newest\n'),
    setupGo: '1.23.12',
  },
  '.tool-versions with a second choice': {
    ...file('.tool-versions', 'golang 1.23.2 1.22.8\n'),
    setupGo: 'error',
    ours: '1.23.2',
    why: 'asdf and mise take the first of several',
  },
  '.tool-versions without golang': { ...file('.tool-versions', 'nodejs 20\n'), setupGo: 'path' },
  '.go-version': { ...file('.go-version', '1.22.4'), setupGo: '1.22.4' },
  '.go-version that is empty': { ...file('.go-version', '\n'), setupGo: 'path' },
  '.go-version with go before it': {
    ...file('.go-version', '# ours\ngo1.22.4\n'),
    setupGo: 'error',
    ours: '1.22.4',
    why: 'goenv and gobrew write it so',
  },
  'a version file outside of the workspace': {
    ...file('../elsewhere/.go-version', '1.22.4\n'),
    setupGo: '1.22.4',
  },
  'a version file that is not there': {
    with: { 'go-version-file': 'go.mod' },
    setupGo: 'error',
  },
  'a version and a version file': {
    with: { 'go-version': '1.13.15', 'go-version-file': 'go.mod' },
    files: { 'go.mod': mod('go 1.20') },
    setupGo: '1.13.15',
  },
  'a mirror with an index': {
    ...version('^1.24', { 'go-download-base-url': `${mirror}/` }),
    setupGo: '1.26.8',
  },
  'a mirror by GO_DOWNLOAD_BASE_URL': {
    ...version('1.24'),
    env: { GO_DOWNLOAD_BASE_URL: mirror },
    setupGo: '1.24.12',
  },
  'a mirror whose input goes before GO_DOWNLOAD_BASE_URL': {
    ...version('1.24', { 'go-download-base-url': mirror }),
    env: { GO_DOWNLOAD_BASE_URL: 'https://other.example.com' },
    setupGo: '1.24.12',
  },
  'stable of a mirror with an index': {
    ...version('stable', { 'go-download-base-url': mirror }),
    setupGo: 'error',
    ours: '1.26.8',
    why: 'its index tells',
  },
  'a range of a site without an index': {
    ...version('^1.25.0', { 'go-download-base-url': 'https://plain.example.com' }),
    setupGo: 'error',
  },
};

let scratch: string;
let workspace: string;
beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-matrix-'));
  workspace = path.join(scratch, 'workspace');
  await fs.mkdir(workspace);
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

async function toolchainAt(root: string, release: string): Promise<void> {
  await fs.mkdir(path.join(root, 'bin'), { recursive: true });
  for (const name of ['go', 'go.exe']) await fs.writeFile(path.join(root, 'bin', name), '');
  await fs.writeFile(path.join(root, 'VERSION'), `go${release}\n`);
}

/** go.dev and a mirror, which tell what there is; other sites answer with 404. */
async function site(address: string | URL): Promise<Response> {
  const { origin, searchParams } = new URL(address);
  const hasIndex = ['https://go.dev', 'https://mirror.example.com'].includes(origin);
  if (!hasIndex || searchParams.get('mode') !== 'json') return new Response('', { status: 404 });
  const listed =
    searchParams.get('include') === 'all' ? published : ['1.26.8', '1.26.0', '1.25.9', '1.25.0'];
  const releases = listed.map((release) => ({
    version: `go${release}`,
    files: ['amd64', '386'].map((arch) => ({
      filename: `go${release}.linux-${arch}.tar.gz`,
      ...{ os: 'linux', arch, kind: 'archive', sha256: '0'.repeat(64) },
    })),
  }));
  return await Promise.resolve(Response.json(releases));
}

/** What is set up; nothing is installed. */
async function chosen(row: Row): Promise<string> {
  const tools = path.join(scratch, 'tools');
  const sdk = path.join(scratch, 'sdk');
  await toolchainAt(sdk, goOnPath);
  for (const release of row.cached ?? []) {
    const root = path.join(tools, 'go', release, 'x64');
    await toolchainAt(root, release);
    await fs.writeFile(`${root}.complete`, '');
  }
  for (const [name, text] of Object.entries(row.files ?? {})) {
    const target = path.join(workspace, name);
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.writeFile(target, text);
  }
  const runner = readRunnerEnvironment(
    { GITHUB_WORKSPACE: workspace, RUNNER_TEMP: scratch, RUNNER_TOOL_CACHE: tools },
    'linux',
  );
  const env = { PATH: path.join(sdk, 'bin'), ...row.env };
  const log = fakeLog();
  const ports = {
    ...{ log, clock: fakeClock(), env, exec: systemExec({ log, env }) },
    ...{ signal: new AbortController().signal, fetch: site },
  };
  const inputs = parseInputs(inputValues(row.with ?? {}), runner);
  const found = await chooseToolchain(ports, inputs, { runner, arch: 'x64', settings: {} });
  const isFromPath = found.why.includes('Go in PATH');
  return isFromPath ? 'path' : goName(found.version);
}

describe('of what actions/setup-go is given', () => {
  test.each(Object.entries(rows))('%s comes out as there, or as is meant', async (_, row) => {
    const expected = row.ours ?? row.setupGo;
    const outcome = await chosen(row).catch(() => 'error');
    expect(outcome).toBe(expected);
  });

  test('every difference has its reason, and no other row has one', () => {
    for (const [name, { setupGo, ours, why }] of Object.entries(rows))
      expect([name, ours !== undefined && ours !== setupGo]).toEqual([name, why !== undefined]);
  });
});
