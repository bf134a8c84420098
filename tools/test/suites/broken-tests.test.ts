import { expect, test } from '@jest/globals';
import { brokenTests } from '../../suites/changed/broken-tests.ts';
import { readFiles } from '../../suites/changed/read-files.ts';
import { testNeeds } from '../../suites/changed/test-needs.ts';
import { usualSuites } from '../../suites/suites.ts';

/** Two actions over two packages, and tests of every kind. */
const sources = new Map(
  Object.entries({
    'packages/kube/src/index.ts': "export * from './pods.ts';",
    'packages/kube/src/pods.ts': "import type { Clock } from '@slipway/runtime';",
    'packages/kube/test/pods.test.ts': "import { pods } from '../src/pods.ts';",
    'packages/runtime/src/index.ts': 'export const clock = 1;',
    'packages/runtime/test/clock.test.ts': "import { clock } from '../src/index.ts';",
    'packages/runtime/test/state.test.ts':
      "const entry = path.join(import.meta.dirname, 'programs', 'state.ts');",
    'packages/runtime/test/programs/state.ts': "import '@slipway/runtime';",
    'packages/kube/test/captured.test.ts':
      "const file = path.join(import.meta.dirname, 'captured', `${name}.json`);",
    'actions/deploy/src/index.ts': "import '@slipway/kube';",
    'actions/plan/src/index.ts': '',
    'test/rollout/deploy.test.ts': "import { fixture } from './fixture.ts';",
    'test/rollout/fixture.ts': "await ensureBundles(['deploy']);",
    'test/rollout/plan.test.ts': "await runBundle({ action: 'plan' });",
    'test/contract/bundles.test.ts': 'await ensureBundles();',
    'test/contract/alone.test.ts': "const root = path.resolve(import.meta.dirname, '..', '..');",
    'test/full/long.test.ts': "import '@slipway/runtime';",
    'tools/manifest.ts': 'export function readManifest() {}',
  }),
);
const needs = testNeeds(sources);
const broken = (...changed: string[]) => {
  const { suites, files } = brokenTests(changed, needs, readFiles);
  return { suites: [...suites], files };
};

test.each<[string, readonly string[]]>([
  ['packages/kube/test/pods.test.ts', ['packages/kube/test/pods.test.ts']],
  [
    'packages/kube/src/pods.ts',
    [
      'packages/kube/test/pods.test.ts',
      'test/contract/bundles.test.ts',
      'test/rollout/deploy.test.ts',
    ],
  ],
  ['actions/plan/src/index.ts', ['test/contract/bundles.test.ts', 'test/rollout/plan.test.ts']],
  ['packages/runtime/test/programs/state.ts', ['packages/runtime/test/state.test.ts']],
  ['test/rollout/fixture.ts', ['test/rollout/deploy.test.ts']],
  ['bench/startup.ts', []],
])(
  'a change of %s can break what needs it, directly, by a bundle or by its path',
  (file, tests) => {
    expect(broken(file)).toEqual({ suites: [], files: tests });
  },
);

test('a change at the bottom can break all above it', () => {
  expect(broken('packages/runtime/src/index.ts').files).toEqual([
    'packages/kube/test/pods.test.ts',
    'packages/runtime/test/clock.test.ts',
    'packages/runtime/test/state.test.ts',
    'test/contract/bundles.test.ts',
    'test/full/long.test.ts',
    'test/rollout/deploy.test.ts',
  ]);
});

test('a file that is gone can break those that still import it', () => {
  expect(broken('test/rollout/helper.ts', 'packages/kube/test/captured/pod.json')).toEqual({
    suites: ['unit'],
    files: [],
  });
  const gone = new Map([...sources, ['test/rollout/old.test.ts', "import './helper.ts';"]]);
  const { files } = brokenTests(['test/rollout/helper.ts'], testNeeds(gone), readFiles);
  expect(files).toEqual(['test/rollout/old.test.ts']);
});

test('what a test names as a folder breaks it when a file in there changes', () => {
  const { files } = brokenTests(['packages/kube/test/captured/pod.json'], needs, []);
  expect(files).toEqual([]);
  expect(brokenTests(['packages/kube/test/captured/a.ts'], needs, readFiles).files).toEqual([
    'packages/kube/test/captured.test.ts',
  ]);
});

test.each([
  ['package-lock.json', usualSuites],
  ['packages/kube/package.json', usualSuites],
  ['some/thing/nobody/knows', usualSuites],
  ['test/fixtures/shop/go.mod', usualSuites],
  ['dist/deploy/index.js', ['contract', 'workflows', 'lab', 'rollout']],
  ['action.yml', ['contract', 'workflows', 'lab']],
  ['actions/deploy/action.yml', ['contract', 'workflows', 'lab']],
  ['.github/workflows/go-check.yml', ['contract', 'workflows', 'lab']],
  ['docs/troubleshooting.md', ['contract']],
  ['test/lab/programs/hello/main.go', ['parts', 'lab', 'rollout']],
  ['LICENSE', []],
  ['bench/results/startup.json', []],
])('%s, which is read and not imported, breaks whole suites', (file, suites) => {
  expect(broken(file).suites).toEqual(suites);
});

test('a test of a suite that runs whole is not named again', () => {
  expect(broken('test/contract/alone.test.ts', 'docs/index.md')).toEqual({
    suites: ['contract'],
    files: [],
  });
});
