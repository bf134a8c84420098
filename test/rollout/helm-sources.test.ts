import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { BundleOptions } from '@slipway/testing';
import { helmInHome } from '../fixtures/shop-charts.ts';
import { serveCharts, type ChartRepository } from './charts/chart-repository.ts';
import { guardRegistry, type GuardedRegistry } from './charts/guarded-registry.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from './helm-fixture.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);

/** No pods: which chart arrives is what counts here. */
const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}' }
data: { version: '{{ .Chart.Version }}', more: '{{ .Values.more }}' }
`;
const login = { username: 'ci', password: 'hunter2-of-the-charts' };

describe.each(['v4', 'v3'] as const)('with Helm %s a chart', (major) => {
  let fixture: HelmFixture;
  let folder: string;
  let charts: string;
  const open: { close: () => void }[] = [];
  beforeAll(async () => {
    fixture = await openHelmFixture('sources', major);
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-sources-'));
    charts = path.join(folder, 'charts');
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) await packChart(version);
    await helm('repo', 'index', charts);
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });
  afterAll(async () => {
    await fs.rm(folder, { recursive: true, force: true });
    await fixture.close();
  });

  async function helm(...args: string[]): Promise<string> {
    return await helmInHome(fixture.lab.helm[major], path.join(folder, 'home'), args);
  }

  /** Makes a key pair, in the form that Helm reads: `public` and `secret` in `place`. */
  async function exportKeys(place: string): Promise<void> {
    await fs.mkdir(place, { recursive: true, mode: 0o700 });
    const gpg = (...args: string[]): Promise<unknown> =>
      run('gpg', ['--batch', '--homedir', place, '--passphrase', '', ...args]);
    await gpg('--quick-gen-key', 'charts', 'rsa2048');
    await gpg('--output', path.join(place, 'public'), '--export', 'charts');
    await gpg('--output', path.join(place, 'secret'), '--export-secret-keys', 'charts');
    await run('gpgconf', ['--homedir', place, '--kill', 'all']);
  }

  async function packChart(version: string): Promise<void> {
    const source = path.join(folder, 'source', 'settings');
    await fs.mkdir(path.join(source, 'templates'), { recursive: true });
    const metadata = `apiVersion: v2\nname: settings\nversion: ${version}\n`;
    await fs.writeFile(path.join(source, 'Chart.yaml'), metadata);
    await fs.writeFile(path.join(source, 'templates', 'all.yaml'), template);
    await helm('package', source, '-d', charts);
    const archive = path.join(charts, `settings-${version}.tgz`);
    await helm('push', archive, `oci://${fixture.lab.registry}/sources-${major}`, '--plain-http');
  }

  async function serve(options: Parameters<typeof serveCharts>[1] = {}): Promise<ChartRepository> {
    const served = await serveCharts(charts, options);
    open.push(served);
    return served;
  }

  async function guard(): Promise<GuardedRegistry> {
    const { username, password } = login;
    const guarded = await guardRegistry(fixture.lab.registry, `${username}:${password}`);
    open.push(guarded);
    return guarded;
  }

  /** A folder for PATH whose helm notes the arguments of every run in `arguments`. */
  async function watchedHelm(): Promise<{ folder: string; arguments: () => Promise<string> }> {
    const place = await fs.mkdtemp(path.join(folder, 'watched-'));
    const notes = path.join(place, 'arguments');
    const script = `#!/bin/sh\necho "$*" >> ${notes}\nexec ${fixture.lab.helm[major]} "$@"\n`;
    await fs.writeFile(path.join(place, 'helm'), script, { mode: 0o755 });
    return { folder: place, arguments: () => fs.readFile(notes, 'utf8') };
  }

  const step = (
    inputs: Readonly<Record<string, string>>,
    options?: Partial<BundleOptions>,
  ): Promise<StepRun> => fixture.step({ release: 'settings', ...inputs }, options);

  const folderOf = ({ main }: StepRun): string =>
    /"folder":"([^"]+)"/.exec(JSON.stringify(main.state).replaceAll('\\"', '"'))?.[1] ?? '';

  test('of a repository is fetched once, by a range, over TLS of its own authority, with a login', async () => {
    const repository = await serve({ login: `${login.username}:${login.password}`, tls: true });
    const helmSeen = await watchedHelm();
    const inputs = {
      repo: repository.url,
      chart: 'settings',
      'chart-version': '^1.0',
      'repo-username': login.username,
      'repo-password': login.password,
      'chart-ca': repository.ca,
      values: 'password: hunter2-of-the-values',
    };
    const { main, post } = await step(inputs, {
      env: { PATH: `${helmSeen.folder}:${fixture.path}` },
    });
    expect(main.outputs).toMatchObject({
      status: 'deployed',
      changed: 'true',
      'chart-version': '1.1.0',
      'chart-digest': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(repository.given.filter((url) => url.endsWith('.tgz'))).toEqual(['/settings-1.1.0.tgz']);
    expect(main.stdout).toContain(`Fetched settings ^1.0 of ${repository.url}: 1.1.0 (sha256:`);
    const seen = `${main.visible}${main.summary}${JSON.stringify(main.state)}${post.visible}`;
    expect(`${seen}${await helmSeen.arguments()}`).not.toContain('hunter2');
    const again = await step({ ...inputs });
    expect(again.main.outputs).toMatchObject({ changed: 'false', 'chart-version': '1.1.0' });
  });

  test('of a repository whose server stumbles is asked for again', async () => {
    const repository = await serve();
    repository.failNext(503, 502);
    const { main } = await step({ repo: repository.url, chart: 'settings' });
    expect(main.outputs).toMatchObject({ status: 'deployed', 'chart-version': '2.0.0' });
    expect(main.stdout).toContain('Fetching the chart failed for a passing reason, attempt 2 in');
  });

  test.each([
    [
      'whose authority is unknown',
      {},
      { tls: true },
      /settings of https:.*certificate/,
      'chart-ca',
    ],
    ['that wants a login', {}, { login: 'a:b' }, /settings of http:.*401/, 'repo-username'],
    ['without that version', { 'chart-version': '^9' }, {}, /settings \^9 of/, 'versions'],
    ['without that chart', { chart: 'absent' }, {}, /absent of .*not found/, 'address'],
  ])('of a repository %s is told with what to do', async (_, more, options, message, advice) => {
    const repository = await serve(options);
    const before = await fixture.history('settings');
    const inputs = { repo: repository.url, chart: 'settings', 'max-retries': '0', ...more };
    const { main } = await step(inputs);
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(message);
    expect(main.annotations.at(0)?.message).toContain(advice);
    expect(await fixture.history('settings')).toEqual(before);
  });

  test('of a repository that an earlier helm repo add named', async () => {
    const repository = await serve();
    const env = {
      HELM_REPOSITORY_CONFIG: path.join(folder, 'added.yaml'),
      HELM_REPOSITORY_CACHE: path.join(folder, 'added'),
    };
    const places = ['--repository-config', env.HELM_REPOSITORY_CONFIG].concat([
      '--repository-cache',
      env.HELM_REPOSITORY_CACHE,
    ]);
    await helm('repo', 'add', 'ours', repository.url, ...places);
    const chart = { chart: 'ours/settings', 'chart-version': '1.0.x' };
    const { main } = await step(chart, { env: { PATH: fixture.path, ...env } });
    expect(main.outputs).toMatchObject({ status: 'deployed', 'chart-version': '1.0.0' });
    const unknown = await step({ chart: 'theirs/settings' });
    expect(unknown.main.annotations.at(0)?.message).toContain(
      'is actions/checkout an earlier step',
    );
  });

  test('at an address of its own', async () => {
    const repository = await serve({ login: `${login.username}:${login.password}` });
    const { main } = await step({
      chart: `${repository.url}/settings-1.0.0.tgz`,
      'repo-username': login.username,
      'repo-password': login.password,
    });
    expect(main.outputs).toMatchObject({ status: 'deployed', 'chart-version': '1.0.0' });
    expect(main.visible).not.toContain('hunter2');
  });

  test('of a registry that wants a login is fetched by a range, and its digest is told', async () => {
    const { host } = await guard();
    const helmSeen = await watchedHelm();
    const inputs = {
      chart: `oci://${host}/sources-${major}/settings`,
      'chart-version': '>=1 <2',
      'registry-username': login.username,
      'registry-password': login.password,
    };
    const whole = await step(inputs, { env: { PATH: `${helmSeen.folder}:${fixture.path}` } });
    const { main, post } = whole;
    expect(main.outputs).toMatchObject({ status: 'deployed', 'chart-version': '1.1.0' });
    const digest = main.outputs['chart-digest'] ?? '';
    const secrets = [login.password, Buffer.from(`ci:${login.password}`).toString('base64')];
    const seen = `${main.visible}${main.summary}${JSON.stringify(main.state)}${post.visible}`;
    for (const secret of secrets)
      expect(`${seen}${await helmSeen.arguments()}`).not.toContain(secret);
    await expect(fs.stat(folderOf(whole))).rejects.toThrow('ENOENT');

    const pinned = await step({
      ...inputs,
      chart: `${inputs.chart}@${digest}`,
      'chart-version': '',
    });
    expect(pinned.main.outputs).toMatchObject({ changed: 'false', 'chart-digest': digest });
  });

  test('of a registry with a wrong login is told with what to do', async () => {
    const { host } = await guard();
    const { main } = await step({
      chart: `oci://${host}/sources-${major}/settings`,
      'registry-username': login.username,
      'registry-password': 'hunter3-is-wrong',
    });
    expect(main.exitCode).toBe(1);
    expect(main.annotations.at(0)?.message).toContain('registry-username and registry-password');
    expect(main.visible).not.toContain('hunter3');
  });

  test('is deployed only when a key in keyring has signed it, where there is one', async () => {
    const place = path.join(folder, 'signed');
    const workspace = path.join(folder, 'work');
    await fs.mkdir(place, { recursive: true });
    await fs.mkdir(workspace, { recursive: true });
    await exportKeys(path.join(folder, 'keys'));
    await fs.copyFile(path.join(folder, 'keys', 'public'), path.join(workspace, 'public'));
    const secret = ['--sign', '--key', 'charts', '--keyring', path.join(folder, 'keys', 'secret')];
    await helm('package', path.join(folder, 'source', 'settings'), '-d', place, ...secret);
    await helm('repo', 'index', place);
    const signed = await serveCharts(place);
    open.push(signed);
    const inputs = { chart: 'settings', keyring: 'public', 'chart-version': '2.0.0' };
    const { main } = await step({ ...inputs, repo: signed.url }, { workspace });
    expect(main.outputs).toMatchObject({ status: 'deployed', 'chart-version': '2.0.0' });
    const archive = { ...inputs, chart: `${signed.url}/settings-2.0.0.tgz`, 'chart-version': '' };
    const again = await step(archive, { workspace });
    expect(again.main.outputs).toMatchObject({ changed: 'false', 'chart-version': '2.0.0' });

    const before = await fixture.history('settings');
    await fs.copyFile(
      path.join(charts, 'settings-1.0.0.tgz'),
      path.join(place, 'settings-2.0.0.tgz'),
    );
    for (const repo of [signed.url, (await serve()).url]) {
      const refused = await step({ ...inputs, repo, set: 'more=forged' }, { workspace });
      expect(refused.main.exitCode).toBe(1);
      expect(refused.main.annotations.at(0)?.message).toContain('in keyring has signed');
    }
    expect(await fixture.history('settings')).toEqual(before);
  });

  test('of a registry leaves no login on the runner, also when main is killed', async () => {
    const { host } = await guard();
    const inputs = {
      chart: `oci://${host}/sources-${major}/settings`,
      'registry-username': login.username,
      'registry-password': login.password,
      set: 'more=killed',
    };
    const killed = await step(inputs, {
      signals: [{ signal: 'SIGKILL', afterLine: /Upgrading settings/ }],
    });
    expect(killed.main.exitCode).toBe(137);
    const place = folderOf(killed);
    expect(place).not.toBe('');
    await expect(fs.stat(place)).rejects.toThrow('ENOENT');
  });
});
