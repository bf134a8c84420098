import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFullReferences } from '../../tools/enterprise/full-references.ts';
import { root } from '../../tools/manifest.ts';
import { openHarbour, resultsOf, type Harbour } from './harbour.ts';
import { copySlipway } from './slipway-copy.ts';

const pin = { repository: 'acme/slipway', commit: '0123456789abcdef0123456789abcdef01234567' };

/** The two forms of the workflows, as callers name them. */
const forms = [
  { form: 'with references to their own repository', uses: 'OWNER/slipway' },
  { form: 'with full references, for GitHub Enterprise Server', uses: 'acme/workflows' },
];

let harbour: Harbour;
let repositories: Readonly<Record<string, string>>;

beforeAll(async () => {
  harbour = await openHarbour();
  const folder = path.join(harbour.scratch, 'workflows');
  mkdirSync(folder);
  writeFullReferences(root, folder, pin);
  repositories = {
    'acme/workflows@v1': folder,
    [`${pin.repository}@${pin.commit}`]: copySlipway(path.join(harbour.scratch, 'mirror')),
  };
}, 600_000);
afterAll(() => harbour.close());

describe.each(forms)('the workflows $form', ({ uses }) => {
  const called = (name: string): Readonly<Record<string, string>> => ({
    [`.github/workflows/${name}`]: harbour.workflow(name).replaceAll('OWNER/slipway/', `${uses}/`),
  });

  test('check a pull request', async () => {
    const edit = { ...called('check.yml'), 'services/crane/hook.go': 'package main\n' };
    const checked = await harbour.pullRequest(edit, 'check.yml', { repositories });
    expect(resultsOf(checked)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build crane': 'success',
      Checked: 'success',
    });
  }, 600_000);

  test('build what was pushed', async () => {
    const edit = { ...called('release.yml'), 'services/crane/hook.go': 'package main\n' };
    const released = await harbour.push(edit, 'release.yml', { repositories });
    expect(resultsOf(released)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build crane': 'success',
    });
    expect(released.exitCode).toBe(0);
  }, 600_000);

  test('have the composite beside them', async () => {
    const one = `name: One
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: ${uses}@v1
        with: { package: ./services/crane, version: 4.5.6 }
`;
    const edit = { '.github/workflows/one.yml': one };
    const run = await harbour.push(edit, 'one.yml', { repositories });
    expect([run.exitCode, resultsOf(run)]).toEqual([0, { 'One/one': 'success' }]);
  }, 600_000);
});
