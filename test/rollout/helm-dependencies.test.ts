import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { helmInHome } from '../fixtures/shop-charts.ts';
import { openHelmFixture, type HelmFixture } from './helm-fixture.ts';

jest.setTimeout(300_000);

const webChart = path.resolve(import.meta.dirname, '..', 'fixtures', 'charts', 'web');

describe.each(['v4', 'v3'] as const)(
  'a chart with a dependency in a registry, with Helm %s',
  (major) => {
    let fixture: HelmFixture;
    let folder: string;
    let repository: string;
    beforeAll(async () => {
      fixture = await openHelmFixture('dependencies', major);
      folder = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-dependencies-'));
      repository = `oci://${fixture.lab.registry}/helm-dependencies-${major}`;
      for (const version of ['1.0.0', '1.1.0']) {
        const copy = path.join(folder, version, 'web');
        await fs.cp(webChart, copy, { recursive: true });
        const file = path.join(copy, 'Chart.yaml');
        const text = await fs.readFile(file, 'utf8');
        await fs.writeFile(file, text.replace('version: 1.0.0', `version: ${version}`));
        await helm('package', copy, '-d', folder);
        await helm('push', path.join(folder, `web-${version}.tgz`), repository, '--plain-http');
      }
    });
    afterAll(async () => {
      await fs.rm(folder, { recursive: true, force: true });
      await fixture.close();
    });

    async function helm(...args: string[]): Promise<string> {
      return await helmInHome(fixture.lab.helm[major], path.join(folder, 'home'), args);
    }

    async function writeChart(range: string): Promise<string> {
      const chart = path.join(folder, 'work', 'chart');
      await fs.rm(chart, { recursive: true, force: true });
      await fs.mkdir(chart, { recursive: true });
      await fs.writeFile(
        path.join(chart, 'Chart.yaml'),
        `apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- { name: web, version: "${range}", repository: "${repository}" }\n`,
      );
      return chart;
    }

    test('gets what Chart.lock says, not what is newest, and does nothing the second time', async () => {
      const chart = await writeChart('1.0.0');
      await helm('dependency', 'update', chart, '--plain-http');
      await fs.rm(path.join(chart, 'charts'), { recursive: true });
      const step = {
        inputs: { chart: 'chart', values: `web: { image: "${fixture.image}" }` },
        options: { workspace: path.join(folder, 'work') },
      };
      const first = await fixture.step(step.inputs, step.options);
      expect(first.main.stdout).toContain('Fetched web as Chart.lock says');
      expect(first.main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
      expect(await fs.readdir(path.join(chart, 'charts'))).toEqual(['web-1.0.0.tgz']);
      const second = await fixture.step(step.inputs, step.options);
      expect(second.main.stdout).not.toContain('Fetched');
      expect(second.main.outputs).toMatchObject({ changed: 'false' });
    });

    test('is deployed as Helm does when the archive is not what Chart.lock says, and that is told', async () => {
      const chart = await writeChart('^1.0.0');
      await helm('dependency', 'update', chart, '--plain-http');
      const charts = path.join(chart, 'charts');
      await fs.rm(charts, { recursive: true });
      await fs.mkdir(charts);
      await fs.copyFile(path.join(folder, 'web-1.0.0.tgz'), path.join(charts, 'web-1.0.0.tgz'));
      const { main } = await fixture.step(
        { chart: 'chart', values: `web: { image: "${fixture.image}" }` },
        { workspace: path.join(folder, 'work') },
      );
      expect(main.outputs).toMatchObject({ status: 'deployed', reason: '' });
      expect(main.annotations[0]).toMatchObject({
        level: 'warning',
        message: expect.stringContaining('web-1.0.0.tgz is web 1.0.0, but Chart.lock says 1.1.0'),
      });
      expect(await fs.readdir(charts)).toEqual(['web-1.0.0.tgz']);
    });

    test('installs straight from the registry by its oci:// reference', async () => {
      const { main } = await fixture.step({
        release: 'direct',
        chart: `${repository}/web`,
        'chart-version': '1.1.0',
      });
      expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    });

    /** A chart, and a library beside it that says what it is. */
    async function writeLocal(says: string): Promise<string> {
      const work = path.join(folder, 'local');
      const library = path.join(work, 'libs', 'library');
      await fs.mkdir(path.join(library, 'templates'), { recursive: true });
      await fs.mkdir(path.join(work, 'services', 'app'), { recursive: true });
      await fs.writeFile(
        path.join(library, 'Chart.yaml'),
        'apiVersion: v2\nname: library\nversion: 1.0.0\n',
      );
      await fs.writeFile(
        path.join(library, 'templates', 'all.yaml'),
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: library }\ndata: { says: ${says} }\n`,
      );
      await fs.writeFile(
        path.join(work, 'services', 'app', 'Chart.yaml'),
        'apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n' +
          '- { name: library, version: "^1.0.0", repository: "file://../../libs/library" }\n',
      );
      return work;
    }

    test('has a library beside it as that is now, and leaves nothing of it in the checkout', async () => {
      for (const says of ['one', 'two']) {
        const workspace = await writeLocal(says);
        const inputs = { release: 'local', chart: 'services/app' };
        const { main } = await fixture.step(inputs, { workspace });
        expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
        expect(main.stdout).toContain('Packed library from beside the chart');
        const said = await fixture.kubectl(
          ...[
            'get',
            'configmap',
            'library',
            '-n',
            fixture.namespace,
            '-o',
            'jsonpath={.data.says}',
          ],
        );
        expect(said).toBe(says);
        expect(await fs.readdir(path.join(workspace, 'services', 'app'))).toEqual(['Chart.yaml']);
      }
    });

    test('may be of apiVersion v1, with requirements.yaml and requirements.lock', async () => {
      const chart = path.join(folder, 'work', 'old');
      await fs.mkdir(chart, { recursive: true });
      await fs.writeFile(
        path.join(chart, 'Chart.yaml'),
        'apiVersion: v1\nname: old\nversion: 0.1.0\n',
      );
      await fs.writeFile(
        path.join(chart, 'requirements.yaml'),
        `dependencies:\n- { name: web, version: "1.x", repository: "${repository}", condition: web.enabled }\n`,
      );
      await helm('dependency', 'update', chart, '--plain-http');
      await fs.rm(path.join(chart, 'charts'), { recursive: true });
      const { main } = await fixture.step(
        { release: 'old', chart: 'old', values: `web: { image: "${fixture.image}" }` },
        { workspace: path.join(folder, 'work') },
      );
      expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
      expect(await fs.readdir(path.join(chart, 'charts'))).toEqual(['web-1.1.0.tgz']);
      const wrong = path.join(chart, 'charts', 'web-1.0.0.tgz');
      await fs.rename(path.join(chart, 'charts', 'web-1.1.0.tgz'), wrong);
      await fs.copyFile(path.join(folder, 'web-1.0.0.tgz'), wrong);
      const other = await fixture.step(
        { release: 'old', chart: 'old', values: `web: { image: "${fixture.image}" }` },
        { workspace: path.join(folder, 'work') },
      );
      expect(other.main.outputs).toMatchObject({ status: 'deployed' });
      expect(other.main.annotations[0]?.message).toContain(
        'web-1.0.0.tgz is web 1.0.0, but requirements.lock says 1.1.0',
      );
    });
  },
);
