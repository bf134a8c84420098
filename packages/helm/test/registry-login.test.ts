import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { registryHost, writeRegistryLogin, type HelmRunner } from '../src/index.ts';

let folder: string;
let own: string;
let commands: string[];
let helm: HelmRunner;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'registry-login-'));
  own = path.join(folder, 'own.json');
  commands = [];
  helm = {
    tool: { path: 'helm', version: '4.2.3', major: 4 },
    driver: 'secret',
    run: (args) => {
      commands.push(args.join(' '));
      return Promise.resolve({ exitCode: 0, stdout: `${own}\n`, stderr: '', durationMs: 0 });
    },
  };
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

const login = { username: 'ci', password: 'p:with:colons', host: 'ghcr.io' };
const auth = Buffer.from('ci:p:with:colons').toString('base64');

async function written(host = login.host): Promise<unknown> {
  const file = await writeRegistryLogin(helm, { ...login, host }, path.join(folder, 'private'));
  // Windows has no such bits.
  if (process.platform !== 'win32') expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
  return JSON.parse(await fs.readFile(file, 'utf8'));
}

test('the login lies in a file that nobody else reads, and is no argument of a command', async () => {
  expect(await written()).toEqual({ auths: { 'ghcr.io': { auth } }, credHelpers: {} });
  expect(commands).toEqual(['env HELM_REGISTRY_CONFIG']);
});

test('logins of earlier steps stay; none of them comes before the one that was given', async () => {
  const earlier = {
    auths: { 'quay.io': { auth: 'eDp5' }, 'ghcr.io': { auth: 'b2xk' } },
    credHelpers: { 'ghcr.io': 'desktop', 'gcr.io': 'gcloud' },
    credsStore: 'desktop',
  };
  await fs.writeFile(own, JSON.stringify(earlier));
  expect(await written()).toEqual({
    auths: { 'quay.io': { auth: 'eDp5' }, 'ghcr.io': { auth } },
    credHelpers: { 'gcr.io': 'gcloud' },
  });
});

test.each(['docker.io', 'registry-1.docker.io'])(
  'the login of %s has the key of the hub',
  async (host) => {
    expect(await written(host)).toMatchObject({
      auths: { 'https://index.docker.io/v1/': { auth } },
    });
  },
);

test.each(['no json', 'null', '[]'])('a file of logins that is %j counts as none', async (text) => {
  await fs.writeFile(own, text);
  expect(await written()).toMatchObject({ auths: { 'ghcr.io': { auth } } });
});

test('the host of a reference has its port and nothing of the path', () => {
  expect(registryHost('oci://127.0.0.1:5000/charts/web:1.0.0')).toBe('127.0.0.1:5000');
});
