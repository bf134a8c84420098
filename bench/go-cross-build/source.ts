import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { copyPublishedProgram } from '../../test/fixtures/published-programs.ts';
import { program, targets } from './arm.ts';

const execute = promisify(execFile);

function goreleaserConfig(out: string): string {
  const builds = program.mains.flatMap((main) => [
    `  - id: ${path.basename(main)}`,
    `    main: ./${main}`,
    `    binary: ${path.basename(main)}`,
    `    flags: [-trimpath]`,
    `    ldflags: ['-s -w -X main.version=${program.version}']`,
    `    targets: [${targets.map((target) => target.replace('/', '_')).join(', ')}]`,
  ]);
  return ['version: 2', 'project_name: sh', `dist: ${out}`, 'builds:', ...builds, ''].join('\n');
}

export async function changeMains(folder: string, round: number): Promise<void> {
  for (const main of program.mains) {
    const file = path.join(folder, main, 'bench.go');
    await fs.writeFile(
      file,
      `package main\n\nvar benchRound = ${round}\n\nfunc init() { _ = benchRound }\n`,
    );
  }
  await execute('git', ['add', '--all'], { cwd: folder });
  await execute(
    'git',
    [
      '-c',
      'user.name=b',
      '-c',
      'user.email=b@example.com',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      `round ${round}`,
    ],
    { cwd: folder },
  );
}

/** A repository of the program with a commit and a tag, and its modules at hand. */
export async function prepareSource(folder: string, out: string): Promise<void> {
  await copyPublishedProgram(program, folder);
  await fs.writeFile(path.join(folder, '.goreleaser.yaml'), goreleaserConfig(out));
  await fs.writeFile(path.join(folder, '.gitignore'), '/out/\n');
  await execute('git', ['init', '--quiet'], { cwd: folder });
  await changeMains(folder, 0);
  await execute('git', ['tag', program.version], { cwd: folder });
  await execute('go', ['mod', 'download'], { cwd: folder });
}
