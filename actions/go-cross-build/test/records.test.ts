import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { useBuildAction } from './build-action.ts';
import { commitModule, stampedMain, writeModule } from './go-module.ts';

jest.setTimeout(300_000);

const action = useBuildAction();

const sha256 = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

interface Rebuild {
  go: string;
  commit: string;
  workingDirectory: string;
  programs: { name: string; target: string; sha256: string; command: string }[];
}

describe('the records of a run', () => {
  test('say how to build the same bytes with Go alone, and what was made as goreleaser says it', async () => {
    const folder = action.workspace({});
    writeModule(path.join(folder, 'svc'), { 'cmd/api/main.go': stampedMain });
    commitModule(folder);
    const result = await action.run(folder, {
      targets: 'linux/amd64/v2\nwindows/amd64',
      'working-directory': 'svc',
      version: 'v1.2.3',
      ldflags: "-X 'main.other=a b'",
    });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    const read = (name: string): unknown =>
      JSON.parse(readFileSync(path.join(folder, 'dist', name), 'utf8')) as unknown;
    const rebuild = read('rebuild.json') as Rebuild;
    const elsewhere = action.workspace({}, 'another/place');
    execFileSync('git', ['clone', '--quiet', folder, path.join(elsewhere, 'clone')]);
    const inClone = path.join(elsewhere, 'clone', rebuild.workingDirectory);
    expect(rebuild.programs.map(({ target }) => target)).toEqual([
      'linux/amd64/v2',
      'windows/amd64',
    ]);
    for (const { command, sha256: sum } of rebuild.programs) {
      const env = { ...process.env, GOAMD64: 'v3', GOFLAGS: '-tags=wrong' };
      execFileSync('sh', ['-c', command], { cwd: inClone, env });
      expect(sha256(path.join(inClone, 'program'))).toBe(sum);
      execFileSync('rm', ['program'], { cwd: inClone });
    }

    expect(read('metadata.json')).toMatchObject({
      project_name: 'shop',
      tag: 'v1.2.3',
      version: '1.2.3',
      commit: rebuild.commit,
      date: '2026-01-02T03:04:05Z',
    });
    const [first] = read('artifacts.json') as Record<string, unknown>[];
    expect(first).toMatchObject({
      name: 'api',
      path: 'dist/linux_amd64v2/api',
      goos: 'linux',
      goarch: 'amd64',
      goamd64: 'v2',
      target: 'linux_amd64_v2',
      type: 'Binary',
      extra: { Binary: 'api', Ext: '', ID: 'api' },
    });
    const list = read('artifacts.json') as { type: string; extra: Record<string, unknown> }[];
    const zip = list.find(({ type, extra }) => type === 'Archive' && extra['Format'] === 'zip');
    expect(zip?.extra).toMatchObject({
      Binaries: ['api'],
      Checksum: `sha256:${sha256(path.join(folder, 'dist', 'api_1.2.3_windows_amd64.zip'))}`,
    });
  });
});
