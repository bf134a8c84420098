import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../../tools/manifest.ts';
import { openHarbour, resultsOf, type Harbour } from './harbour.ts';

let harbour: Harbour;
beforeAll(async () => {
  harbour = await openHarbour();
}, 600_000);
afterAll(() => harbour.close());

const check = readFileSync(path.join(root, '.github', 'workflows', 'go-check.yml'), 'utf8');
const appToken = /actions\/create-github-app-token@\w+/.exec(check)?.[0] ?? 'no such action';

test('a GitHub App’s token is made in each job that needs private modules, and goes to their download alone', async () => {
  const workflow = harbour
    .workflow('check.yml')
    .replace(
      /^( *)services: .*$/m,
      '$&\n$1go-private: github.com/acme/*\n$1go-app-client-id: Iv23shop\n    secrets:\n$1go-app-private-key: ${{ secrets.APP_KEY }}',
    );
  const edit = {
    '.github/workflows/check.yml': workflow,
    'services/crane/hook.go': 'package main\n',
  };
  const checked = await harbour.pullRequest(edit, 'check.yml', {
    standIns: { [appToken]: 'app-token' },
    secrets: { APP_KEY: 'the-key-of-the-app' },
  });
  expect(resultsOf(checked)).toEqual({
    Plan: 'success',
    'Test root': 'success',
    'Build crane': 'success',
    Checked: 'success',
  });
  for (const job of checked.jobs.filter(({ name }) => /^(?:Test|Build) /.test(name))) {
    const lines = job.steps.flatMap((step) => step.lines);
    expect(lines).toContain('asked by Iv23shop for acme, contents read');
    expect(lines.join('\n')).toMatch(/^Downloaded the modules of /m);
    expect(lines.join('\n')).not.toContain('ghs_of-the-app');
  }
}, 600_000);
