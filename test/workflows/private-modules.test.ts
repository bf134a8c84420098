import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { openHarbour, resultsOf, type Harbour } from './harbour.ts';

let harbour: Harbour;
let github: FakeGitHub;
beforeAll(async () => {
  harbour = await openHarbour();
  github = await startFakeGitHub({ token: 'token-of-the-job' });
}, 600_000);
afterAll(async () => {
  await github.close();
  harbour.close();
});

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

test('a GitHub App’s token is made in each job that needs private modules, for their download alone', async () => {
  github.repository.app = { clientId: 'Iv23shop', publicKey, installation: 77, tokens: [] };
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
    github: { apiUrl: github.apiUrl, token: 'token-of-the-job' },
    secrets: { APP_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
  });
  expect(resultsOf(checked)).toEqual({
    Plan: 'success',
    'Test root': 'success',
    'Build crane': 'success',
    Checked: 'success',
  });
  const made = github.seen.filter(({ path }) => path.endsWith('/access_tokens'));
  expect(made.map(({ body }) => body)).toEqual([
    { permissions: { contents: 'read' } },
    { permissions: { contents: 'read' } },
  ]);
  expect([github.repository.app.tokens, github.problems]).toEqual([[], []]);
  for (const job of checked.jobs.filter(({ name }) => /^(?:Test|Build) /.test(name))) {
    const lines = job.steps.flatMap((step) => step.lines).join('\n');
    expect(lines).toMatch(/Downloaded the modules of /);
    expect(lines).not.toContain('ghs_');
  }
}, 600_000);
