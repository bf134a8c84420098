import { readFileSync } from 'node:fs';
import path from 'node:path';
import { initScratchGit, type ScratchGit } from '../fixtures/scratch-git.ts';
import { writeFiles } from '../fixtures/shop-edits.ts';

const documented = path.resolve(import.meta.dirname, '..', '..', 'docs', 'service-repository');

const main = (imports: string): string =>
  `package main\n\nimport (\n\t"fmt"\n${imports}\n)\n\nvar version = "none"\n\nfunc main() { fmt.Println(version) }\n`;

const files: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/harbour\n\ngo 1.26\n',
  'README.md': 'Two small services.\n',
  'internal/tide/tide.go': 'package tide\n\n// Hours between two tides.\nconst Hours = 6\n',
  'internal/tide/tide_test.go':
    'package tide\n\nimport "testing"\n\nfunc TestHours(t *testing.T) {\n\tif Hours < 6 {\n\t\tt.Fatal("::error::</pre><b>too short</b>")\n\t}\n}\n',
  'services/buoy/main.go': main('\n\t_ "example.com/harbour/internal/tide"'),
  'services/crane/main.go': main(''),
};

/** A service repository without charts, whose builds need nothing but Go. */
export async function makeScratchService(dir: string): Promise<{
  git: ScratchGit;
  /** Writes files, commits and gives the SHA. */
  commit(edit: Readonly<Record<string, string>>): Promise<string>;
}> {
  const git = await initScratchGit(dir);
  const callers = ['check.yml', 'release.yml'].map((name): [string, string] => [
    `.github/workflows/${name}`,
    readFileSync(path.join(documented, name), 'utf8').replace(
      /^ *registry: .*$/m,
      "      registry: ''",
    ),
  ]);
  await writeFiles({ ...files, ...Object.fromEntries(callers) })(dir);
  await git.git('remote', 'add', 'origin', 'https://github.com/acme/harbour.git');
  await git.commit('Open the harbour');
  return {
    git,
    commit: async (edit) => {
      await writeFiles(edit)(dir);
      return await git.commit('Change something');
    },
  };
}
