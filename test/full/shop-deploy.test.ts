import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { helmInHome } from '../fixtures/shop-charts.ts';
import { shopServices, type ShopService } from '../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../fixtures/shop-repository.ts';
import { eventually } from '../lab/cluster/kubectl.ts';
import { useLab, type Lab } from '../lab/lab.ts';
import { pushProgram } from '../lab/images/push-image.ts';

jest.setTimeout(900_000);

const run = promisify(execFile);
const namespace = 'shop-deploy';
let lab: Lab;
let scratch: string;
let shop: ShopRepository;

const kubectl = async (...args: string[]): Promise<string> =>
  (await run(lab.kubectl, ['--kubeconfig', lab.kubeconfig, ...args])).stdout;

/** Builds the service, pushes its image and installs its chart; waits until it is ready. */
async function deploy(service: ShopService): Promise<void> {
  const program = path.join(scratch, service);
  const env = { ...process.env, CGO_ENABLED: service === 'ledger' ? '1' : '0' };
  const flags = ['-trimpath', '-ldflags', '-s -w -X main.version=v1.0.0'];
  await run('go', ['build', ...flags, '-o', program, `./services/${service}`], {
    cwd: shop.dir,
    env,
  });
  const repository = `${namespace}/${service}`;
  const image = { registry: lab.registry, repository, tag: 'v1.0.0', program };
  const digest = await pushProgram(image);
  const chart = path.join(shop.dir, 'services', service, 'chart');
  const home = path.join(scratch, 'home');
  await helmInHome(lab.helm.v4, home, ['dependency', 'build', chart, '--plain-http']);
  await helmInHome(lab.helm.v4, home, [
    ...['upgrade', '--install', service, chart, '--kubeconfig', lab.kubeconfig],
    ...['--namespace', namespace, '--set', `image.digest=${digest}`],
    ...['-f', path.join(chart, 'values-staging.yaml'), '--wait', '--timeout', '3m'],
  ]);
}

beforeAll(async () => {
  lab = await useLab();
  scratch = await mkdtemp(path.join(os.tmpdir(), 'shop-deploy-'));
  shop = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/${namespace}`,
    chartRegistry: lab.registry,
    helm: lab.helm.v4,
  });
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  await kubectl('create', 'namespace', namespace);
});

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

describe.each(shopServices)('%s in the cluster', (service) => {
  beforeAll(() => deploy(service));

  test('answers as the version that was built, without root and on a read-only image', async () => {
    const selector = ['-n', namespace, '-l', `app.kubernetes.io/name=${service}`];
    const names = await kubectl('get', 'pods', ...selector, '-o', 'name');
    const pod = names.trim().split('\n')[0]?.replace('pod/', '') ?? '';
    const proxy = `/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy`;
    const version = JSON.parse(await kubectl('get', '--raw', `${proxy}/version`)) as unknown;
    expect(version).toMatchObject({ service, version: 'v1.0.0' });
    const container = await kubectl(
      ...['get', 'pod', pod, '-n', namespace],
      ...['-o', 'jsonpath={.spec.containers[0].securityContext.readOnlyRootFilesystem}'],
    );
    expect(container).toBe('true');
  });

  test('is scraped by Prometheus, which counts its requests', async () => {
    const query = `sum(http_requests_total{namespace="${namespace}",app_kubernetes_io_name="${service}",code="200"})`;
    const url = `${lab.prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`;
    const counted = await eventually(
      async () => {
        const answer = (await (await fetch(url)).json()) as {
          data: { result: { value: [number, string] }[] };
        };
        return Number(answer.data.result[0]?.value[1] ?? 0);
      },
      (count) => count > 0,
    );
    expect(counted).toBeGreaterThan(0);
  });
});
