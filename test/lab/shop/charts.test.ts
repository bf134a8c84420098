import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { helmInHome } from '../../fixtures/shop-charts.ts';
import { shopServices } from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';
import { useLab, type Lab } from '../lab.ts';

jest.setTimeout(600_000);

const run = promisify(execFile);
let lab: Lab;
let scratch: string;

beforeAll(async () => {
  lab = await useLab();
  scratch = await mkdtemp(path.join(os.tmpdir(), 'shop-charts-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe.each(['v3', 'v4'] as const)('the charts of the shop, with Helm %s,', (major) => {
  let shop: ShopRepository;
  const helm = (...args: string[]): Promise<string> =>
    helmInHome(lab.helm[major], path.join(scratch, `home-${major}`), args);
  const chart = (service: string): string => path.join(shop.dir, 'services', service, 'chart');

  beforeAll(async () => {
    const { registry } = lab;
    shop = await createShopRepository(path.join(scratch, major), {
      registry: `${registry}/acme`,
      chartRegistry: registry,
      helm: lab.helm[major],
    });
    for (const service of shopServices) {
      await helm('dependency', 'build', chart(service), '--plain-http');
    }
  });

  test('have lock files that Helm itself finds up to date', async () => {
    for (const service of shopServices) {
      await helm('dependency', 'update', chart(service), '--plain-http');
    }
    expect(await shop.git('status', '--porcelain')).toBe('');
  });

  test.each(shopServices)('of %s pass lint and render for every environment', async (service) => {
    for (const environment of ['staging', 'production']) {
      const values = ['-f', path.join(chart(service), `values-${environment}.yaml`)];
      await helm('lint', '--strict', chart(service), ...values);
      const text = await helm('template', service, chart(service), ...values);
      expect(text).toContain(`value: "${environment}"`);
      expect(text).toContain('maxUnavailable: 0');
      expect(text).toContain(`image: "${lab.registry}/acme/${service}:v1.0.0"`);
    }
  });

  test('name an image by digest when there is one', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const text = await helm('template', 'api', chart('api'), '--set', `image.digest=${digest}`);
    expect(text).toContain(`image: "${lab.registry}/acme/api@${digest}"`);
  });

  test('turn faults of any spelling into the environment', async () => {
    const faults = 'faults.errorShare=0.2,faults.NEVER_READY=true,faults.FAULT_LATENCY=1s';
    const text = await helm('template', 'api', chart('api'), '--set', faults);
    expect(text).toContain('- name: FAULT_ERROR_SHARE\n              value: "0.2"');
    expect(text).toContain('- name: FAULT_NEVER_READY\n              value: "true"');
    expect(text).toContain('- name: FAULT_LATENCY\n              value: "1s"');
  });

  test('refuse values that they do not know', async () => {
    const wrong = helm('template', 'api', chart('api'), '--set', 'replicas=3');
    await expect(wrong).rejects.toThrow(/replicas/);
  });

  test('are taken by the cluster', async () => {
    for (const service of shopServices) {
      const text = await helm('template', service, chart(service));
      const apply = ['--kubeconfig', lab.kubeconfig, 'apply', '--dry-run=server', '-f', '-'];
      const child = run(lab.kubectl, apply);
      child.child.stdin?.end(text);
      expect((await child).stdout).toContain(`deployment.apps/${service} created`);
    }
  });
});

test('the sample itself has lock files for the registry that it names', async () => {
  const plain = await createShopRepository(path.join(scratch, 'plain'));
  expect(await readFile(path.join(plain.dir, 'services/api/chart/Chart.lock'), 'utf8')).toBe(
    await readFile(
      path.join(import.meta.dirname, '../../fixtures/shop/services/api/chart/Chart.lock'),
      'utf8',
    ),
  );
});
