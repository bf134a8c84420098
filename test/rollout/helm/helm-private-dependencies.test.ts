import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { helmInHome } from '../../fixtures/shop-charts.ts';
import { serveCharts, type ChartRepository } from '../charts/chart-repository.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';

jest.setTimeout(300_000);

const library = { 'Chart.yaml': 'apiVersion: v2\nname: library\nversion: 1.2.0\n' };
const settings = `apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}' }
data: { version: '{{ .Chart.Version }}' }
`;
const login = { username: 'ci', password: 'hunter2-of-the-library' };

describe.each(['v4', 'v3'] as const)(
  'a chart that depends on one of a repository with a login, with Helm %s',
  (major) => {
    let fixture: HelmFixture;
    let folder: string;
    const open: ChartRepository[] = [];
    beforeAll(async () => {
      fixture = await openHelmFixture('private', major);
      folder = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-private-'));
      const source = path.join(folder, 'library');
      await fs.mkdir(path.join(source, 'templates'), { recursive: true });
      await fs.writeFile(path.join(source, 'Chart.yaml'), library['Chart.yaml']);
      await fs.writeFile(path.join(source, 'templates', 'settings.yaml'), settings);
      await helm('package', source, '-d', path.join(folder, 'served'));
      await helm('repo', 'index', path.join(folder, 'served'));
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

    /** A repository that answers nobody without the login, by TLS of its own authority. */
    async function serve(options: { login: boolean }): Promise<ChartRepository> {
      const served = await serveCharts(path.join(folder, 'served'), {
        tls: true,
        ...(options.login ? { login: `${login.username}:${login.password}` } : {}),
      });
      open.push(served);
      await fs.writeFile(path.join(folder, 'ca.pem'), served.ca);
      return served;
    }

    /** A list of repositories that names this one `library`, as `helm repo add` of an earlier step leaves it. */
    async function added({ url }: ChartRepository): Promise<Record<string, string>> {
      const place = await fs.mkdtemp(path.join(folder, 'list-'));
      const env = {
        HELM_REPOSITORY_CONFIG: path.join(place, 'repositories.yaml'),
        HELM_REPOSITORY_CACHE: path.join(place, 'cache'),
      };
      const { username, password } = login;
      await helm(
        ...['repo', 'add', 'library', url, '--ca-file', path.join(folder, 'ca.pem')],
        ...['--username', username, '--password', password],
        ...['--repository-config', env.HELM_REPOSITORY_CONFIG],
        ...['--repository-cache', env.HELM_REPOSITORY_CACHE],
      );
      return env;
    }

    /** The chart `app` with this dependency and, as `helm dependency update` would write it, its lock. */
    async function writeChart(repository: string): Promise<string> {
      const workspace = await fs.mkdtemp(path.join(folder, 'work-'));
      const chart = path.join(workspace, 'app');
      await fs.mkdir(chart);
      const entry = (version: string): string =>
        `dependencies:\n- name: library\n  version: ${version}\n  repository: "${repository}"\n`;
      await fs.writeFile(
        path.join(chart, 'Chart.yaml'),
        `apiVersion: v2\nname: app\nversion: 0.1.0\n${entry('1.2.0')}`,
      );
      return workspace;
    }

    /** Has Helm write the lock, and takes what it fetched away again. */
    async function lock(workspace: string, env: Record<string, string>): Promise<void> {
      const chart = path.join(workspace, 'app');
      await helm(
        ...['dependency', 'update', chart],
        ...['--repository-config', env['HELM_REPOSITORY_CONFIG'] ?? ''],
        ...['--repository-cache', env['HELM_REPOSITORY_CACHE'] ?? ''],
      );
      await fs.rm(path.join(chart, 'charts'), { recursive: true });
    }

    const step = (
      workspace: string,
      {
        env = {},
        ...inputs
      }: {
        env?: Record<string, string>;
        'chart-ca'?: string;
        'repo-username'?: string;
        'repo-password'?: string;
      },
    ): Promise<StepRun> =>
      fixture.step(
        { release: 'app', chart: 'app', 'dry-run': 'true', ...inputs },
        { workspace, env: { PATH: fixture.path, ...env } },
      );

    test.each([
      ['by its address', (url: string) => url],
      ['by the name that it was added under', () => '@library'],
    ])('%s gets it as helm repo add in an earlier step says', async (_, place) => {
      const repository = await serve({ login: true });
      const env = await added(repository);
      const workspace = await writeChart(place(repository.url));
      await lock(workspace, env);
      const { main, post } = await step(workspace, { env });
      expect(main.outputs).toMatchObject({ 'would-change': 'true', reason: '' });
      expect(main.stdout).toContain('Fetched library as Chart.lock says');
      const seen = `${main.visible}${main.summary}${JSON.stringify(main.state)}${post.visible}`;
      expect(seen).not.toContain('hunter2');
    });

    test('is told what it lacks without that step', async () => {
      const repository = await serve({ login: true });
      const workspace = await writeChart(repository.url);
      await lock(workspace, await added(repository));
      const { main } = await step(workspace, { 'chart-ca': repository.ca });
      expect(main.exitCode).toBe(1);
      expect(main.annotations.at(0)?.message).toMatch(
        /could not be fetched \(library from https:.*401[^]*`helm repo add` in an earlier step/,
      );
    });

    test('gets it with the login of the inputs, which no process and no log shows', async () => {
      const repository = await serve({ login: true });
      const workspace = await writeChart(repository.url);
      await lock(workspace, await added(repository));
      const { username, password } = login;
      const { main, post } = await step(workspace, {
        'chart-ca': repository.ca,
        ...{ 'repo-username': username, 'repo-password': password },
      });
      expect(main.outputs).toMatchObject({ 'would-change': 'true', reason: '' });
      expect(main.stdout).toContain('Fetched library as Chart.lock says');
      const seen = `${main.visible}${main.summary}${JSON.stringify(main.state)}${post.visible}`;
      expect(seen).not.toContain('hunter2');
    });

    test('trusts the authority in chart-ca for it, too', async () => {
      const repository = await serve({ login: false });
      const workspace = await writeChart(repository.url);
      await lock(workspace, await added(repository));
      const { main } = await step(workspace, { 'chart-ca': repository.ca });
      expect(main.outputs).toMatchObject({ 'would-change': 'true', reason: '' });
    });
  },
);
