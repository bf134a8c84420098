import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Inputs } from '../src/inputs.ts';
import { dependencyLogin } from '../src/opened-chart.ts';

let folder: string;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-login-'));
});

afterEach(async () => {
  await fs.rm(folder, { recursive: true, force: true });
});

/** Which login a chart gets whose dependencies are of these repositories. */
async function loginFor(...repositories: readonly string[]) {
  const dependencies = repositories.map((repository, index) => ({
    name: `library-${index}`,
    version: '1.0.0',
    repository,
  }));
  const chart = { apiVersion: 'v2', name: 'api', version: '1.0.0', dependencies };
  await fs.writeFile(path.join(folder, 'Chart.yaml'), JSON.stringify(chart));
  const inputs = {
    source: { kind: 'local', path: folder },
    repositoryLogin: { username: 'ci', password: 'hunter2' },
    passCredentials: false,
  };
  return await dependencyLogin({ chart: inputs as unknown as Inputs['chart'] });
}

describe('the login of repo-username for dependencies', () => {
  test('is for their one repository, with a slash at its end or without', async () => {
    expect(await loginFor('https://charts.example', 'https://charts.example/')).toEqual({
      ...{ username: 'ci', password: 'hunter2', passCredentials: false },
      url: 'https://charts.example',
    });
  });

  test('is refused when they come from several', async () => {
    await expect(loginFor('https://charts.example', 'https://charts.example/b')).rejects.toThrow(
      /come from several repositories \(https:\/\/charts\.example\S*, https:\/\/charts\.example\/b\)/,
    );
  });
});
