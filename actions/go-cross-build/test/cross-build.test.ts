import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { usualArtifactName } from '@slipway/artifact';
import type { Exec } from '@slipway/exec';
import { parseTarget, type BuildUnit } from '@slipway/go';
import { fakeClock, fakeLog } from '@slipway/testing';
import { crossBuild, type CrossBuilt } from '../src/cross-build.ts';
import { usualFormats } from '../src/output/archive-formats.ts';
import type { Plan } from '../src/plan.ts';
import { builtSummary } from '../src/summary.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'slipway-cross-build-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const architectures = ['amd64', 'arm64', 'riscv64'];
const ports = architectures.map((goarch) => ({
  goos: 'linux',
  goarch,
  cgoSupported: true,
  firstClass: true,
}));

function unitFor(arch: string): BuildUnit {
  const main = {
    name: 'api',
    goName: 'api',
    sources: ['m/api'],
    importPath: 'm/api',
    dir: '/m/api',
    packages: ['m/api'],
  };
  return {
    name: `linux/${arch}`,
    target: parseTarget(`linux/${arch}`, ports),
    mains: [{ ...main, modules: [], cgoFor: undefined, files: [] }],
    cgo: false,
    args: [],
    env: { GOARCH: arch },
    packageCount: 1,
  };
}

function planFor(units: readonly BuildUnit[]): Plan {
  return {
    toolchain: {
      version: 'go1.26.8',
      root: '/go',
      host: { goos: 'linux', goarch: 'amd64' },
      goflags: '',
      cgoEnabled: undefined,
      goMod: path.join(root, 'go.mod'),
      goWork: undefined,
    },
    source: { commit: undefined, epochSeconds: 0, dirty: false, changes: [], notStamped: 'a test' },
    version: 'v1.2.3',
    units,
    excluded: [],
    parallelism: { builds: 3, actionsPerBuild: 1, memoryLimitBytes: 1e9, memoryBudgetBytes: 1e10 },
    cores: 2,
    scratch: path.join(root, 'scratch'),
    gitEnv: {},
  };
}

/** A go whose builds end last first, each program with the build information that `told` gives it. */
function fakeGo(told: (arch: string) => string): Exec {
  const left = [...architectures];
  return async (_program, args, options) => {
    const answer = { exitCode: 0, stdout: '', stderr: '', durationMs: 1 };
    if (args[0] === 'version') {
      const lines = args.slice(2).map((file) => {
        const arch = /linux_([a-z0-9]+)/.exec(file)?.[1] ?? '';
        return `${file}: go1.26.8\n\tpath\tm/api\n\tbuild\tGOARCH=${told(arch)}\n`;
      });
      return { ...answer, stdout: lines.join('') };
    }
    const arch = options?.addEnv?.['GOARCH'] ?? '';
    while (left.at(-1) !== arch) {
      options?.signal?.throwIfAborted();
      await new Promise((next) => setImmediate(next));
    }
    writeFileSync(path.join(args[args.indexOf('-o') + 1] ?? '', 'api'), `program for ${arch}`);
    left.pop();
    return answer;
  };
}

function run(exec: Exec): { plan: Plan; built: Promise<CrossBuilt> } {
  const plan = planFor(architectures.map(unitFor));
  const log = fakeLog();
  const runner = { repository: 'acme/shop', serverUrl: 'https://github.com', workspace: root };
  const built = crossBuild(
    {
      clock: fakeClock(),
      env: {},
      exec,
      log,
      maskSecret: () => undefined,
      runner: runner as never,
      signal: new AbortController().signal,
    },
    plan,
    {
      workingDirectory: root,
      outputDir: path.join(root, 'dist'),
      clean: false,
      archives: {
        archive: true,
        archiveName: usualArtifactName,
        archiveFormat: usualFormats,
        archiveFiles: [],
        universal: 'false',
      },
      sbom: false,
      images: undefined,
    },
  );
  return { plan, built };
}

describe('a cross build', () => {
  test('tells what it made in the order of the plan, though the last target was done first', async () => {
    const { plan, built } = run(fakeGo((arch) => arch));
    const result = await built;
    const summary = builtSummary(plan, result);
    const archives = result.artifacts.filter(({ type }) => type === 'archive');
    expect(archives.map(({ target }) => target)).toEqual(plan.units.map(({ name }) => name));
    const rows = summary.split('\n').filter((line) => line.includes('tar.gz'));
    expect(rows.map((row) => architectures.find((arch) => row.includes(arch)))).toEqual(
      architectures,
    );
    const listed = JSON.parse(readFileSync(result.artifactsFile, 'utf8')) as unknown[];
    expect(listed).toHaveLength(9);
  });

  test('whose product is not what was asked for stops, says which and publishes nothing', async () => {
    const { built } = run(fakeGo((arch) => (arch === 'riscv64' ? 'mips' : arch)));
    await expect(built).rejects.toThrow(
      'api for linux/riscv64 was built with GOARCH=mips, not riscv64.',
    );
    const dist = path.join(root, 'dist');
    expect(existsSync(dist) ? readdirSync(dist) : []).toEqual([]);
  });
});
