import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../test/lab/places/cache-folder.ts';
import { madeOnce } from '../../test/lab/process/made-once.ts';
import { root } from '../manifest.ts';

const run = promisify(execFile);
const versions = { actionlint: '1.7.12', zizmor: '1.32.0' } as const;

/** What one linter said; `problems` is empty when it is content. */
export interface LintResult {
  name: string;
  problems: string;
}

const exe = process.platform === 'win32' ? '.exe' : '';
const tools = (): string => path.join(cacheFolder(process.env, os.homedir()), 'lint');

/** The path of actionlint, installed when it is missing. */
export async function ensureActionlint(): Promise<string> {
  const folder = path.join(tools(), `actionlint-${versions.actionlint}`);
  await madeOnce(folder, async (partial) => {
    await mkdir(partial, { recursive: true });
    await run(
      'go',
      ['install', `github.com/rhysd/actionlint/cmd/actionlint@v${versions.actionlint}`],
      {
        env: { ...process.env, GOBIN: partial },
      },
    );
  });
  return path.join(folder, `actionlint${exe}`);
}

async function ensureZizmor(): Promise<string> {
  const folder = path.join(tools(), `zizmor-${versions.zizmor}`);
  await madeOnce(folder, async (partial) => {
    await run('python3', [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
      ...['--only-binary=:all:', '--target', partial, `zizmor==${versions.zizmor}`],
    ]);
  });
  return path.join(folder, 'bin', `zizmor${exe}`);
}

/** Files that GitHub would read here, and those that service repositories are told to copy. */
function workflowFiles(): { workflows: string[]; actions: string[] } {
  const yaml = (folder: string): string[] =>
    readdirSync(path.join(root, folder))
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => `${folder}/${name}`);
  return {
    workflows: [...yaml('.github/workflows'), ...yaml('docs/service-repository')],
    actions: [
      'action.yml',
      ...readdirSync(path.join(root, 'actions'))
        .map((name) => `actions/${name}/action.yml`)
        .filter((file) => existsSync(path.join(root, file))),
    ],
  };
}

/** Runs a linter; its complaints are an answer, a linter that cannot run is an error. */
export async function complaints(file: string, args: readonly string[], codes: readonly number[]) {
  try {
    await run(file, args, { cwd: root, maxBuffer: 16 * 1024 * 1024 });
    return '';
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
    if (code === undefined || !codes.includes(code)) throw error;
    return stdout.trim() || stderr.trim();
  }
}

/**
 * Lints workflows and action files with actionlint and zizmor, which are installed into the cache
 * folder first. Needs Go, and Python with pip.
 */
export async function lintWorkflows(): Promise<readonly LintResult[]> {
  const { workflows, actions } = workflowFiles();
  const [actionlint, zizmor] = await Promise.all([ensureActionlint(), ensureZizmor()]);
  // actionlint exits with 1 on findings, zizmor with 11 to 14 by the severest of them.
  const [fromActionlint, fromZizmor] = await Promise.all([
    complaints(actionlint, ['-no-color', ...workflows], [1]),
    complaints(
      zizmor,
      [
        ...['--offline', '--no-progress', '--color=never', '--config', '.github/zizmor.yml'],
        ...workflows,
        ...actions,
      ],
      [11, 12, 13, 14],
    ),
  ]);
  return [
    { name: `actionlint ${versions.actionlint}`, problems: fromActionlint },
    { name: `zizmor ${versions.zizmor}`, problems: fromZizmor },
  ];
}

if (import.meta.main)
  for (const { name, problems } of await lintWorkflows()) {
    console.log(problems === '' ? `${name}: nothing to complain about` : `${name}:\n${problems}`);
    if (problems !== '') process.exitCode = 1;
  }
