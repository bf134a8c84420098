import { usualSuites, type SuiteName } from '../suites.ts';

/** Files that are read and not imported: which suites, or which tests alone, they can break. */
export interface ReadFiles {
  files: RegExp;
  suites: readonly SuiteName[];
  tests?: readonly string[];
}

const everything = usualSuites;

/** The first row that matches counts. TypeScript comes after its row through the graph of imports too. */
export const readFiles: readonly ReadFiles[] = [
  {
    files: /(^|\/)(package(-lock)?|tsconfig)\.json$|^jest\.config\.mjs$|^\.npmrc$/,
    suites: everything,
  },
  {
    files: /^tools\/(run\.mjs|install\/.*\.mjs|manifest\.json|suites\/roots\.js)$/,
    suites: everything,
  },
  {
    // Their texts are compared with action.yml, with docs/troubleshooting.md and with docs/cluster-access.
    files: /^(packages|actions)\/[^/]+\/src\/.*\.ts$/,
    suites: [],
    tests: [
      'test/contract/metadata.test.ts',
      'test/contract/troubleshooting.test.ts',
      'tools/test/cluster-access/roles.test.ts',
    ],
  },
  {
    files: /^docs\/cluster-access\/.*\.yaml$/,
    suites: ['rollout'],
    tests: [
      'tools/test/cluster-access/roles.test.ts',
      'test/lab/cluster/documented-commands.test.ts',
    ],
  },
  {
    // Their commands are pasted into a shell.
    files: /^docs\/(cluster-access\/README|roll-back)\.md$/,
    suites: ['contract'],
    tests: ['test/lab/cluster/documented-commands.test.ts'],
  },
  { files: /\.ts$/, suites: [] },
  { files: /^dist\//, suites: ['contract', 'workflows', 'lab', 'rollout'] },
  { files: /^(actions\/[^/]+\/)?action\.yml$/, suites: ['contract', 'workflows', 'lab'] },
  {
    files: /^\.github\/workflows\/|^docs\/service-repository\//,
    suites: ['contract', 'workflows', 'lab'],
  },
  { files: /^actions\/[^/]+\/action-types\.yml$|\.md$|^docs\/|^\.github\//, suites: ['contract'] },
  { files: /^(packages|actions|tools)\//, suites: ['unit'] },
  { files: /^test\/fixtures\//, suites: everything },
  { files: /^test\/lab\//, suites: ['parts', 'lab', 'rollout'] },
  { files: /^test\/workflows\//, suites: ['workflows', 'lab'] },
  {
    files: /^bench\/|^LICENSE$|^\.(ci\/|editorconfig$|git|prettier)|^eslint\.config\.js$/,
    suites: [],
  },
];
