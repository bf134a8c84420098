import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { BundleResult } from '@slipway/testing';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { createShopRepository } from '../../fixtures/shop-repository.ts';
import { useLab, type Lab } from '../lab.ts';
import { buildCrane, crossBuild, type Crane } from './crane.ts';

jest.setTimeout(900_000);

const run = promisify(execFile);
const namespace = 'go-cross-build';
let lab: Lab;
let scratch: string;
let crane: Crane;

beforeAll(async () => {
  [lab] = await Promise.all([useLab(), ensureBundles(['go-cross-build'])]);
  scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), 'slipway-cross-lab-')));
  crane = await buildCrane(scratch);
});

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

async function kubectl(...args: string[]): Promise<string> {
  const all = ['--kubeconfig', lab.kubeconfig, ...args];
  return (await run(lab.kubectl, all, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

describe('images of the shop', () => {
  let result: BundleResult;
  let images: Record<string, string>;

  beforeAll(async () => {
    const shop = await createShopRepository(path.join(scratch, 'shop'), {
      registry: lab.registry,
      chartRegistry: lab.registry,
    });
    result = await crossBuild(shop.dir, {
      targets: 'linux/amd64\nlinux/arm64',
      packages: './services/api\n./services/worker',
      version: '1.1.0',
      image: `${lab.registry}/cross/shop`,
      archive: 'false',
    });
    if (result.exitCode !== 0) throw new Error(result.stdout);
    images = JSON.parse(result.outputs['images'] ?? '{}') as Record<string, string>;
  });

  test('are valid for another implementation, under the digest that the action told', async () => {
    expect(Object.keys(images)).toEqual(['api', 'worker']);
    for (const [name, digest] of Object.entries(images)) {
      const reference = `${lab.registry}/cross/shop/${name}`;
      expect(await crane.run('validate', '--remote', `${reference}:1.1.0`)).toContain('PASS');
      expect(await crane.digestOf(`${reference}:1.1.0`)).toBe(digest);
    }
  });

  test('have two platforms, one layer each, below 5 MB, and run as nobody', async () => {
    const reference = `${lab.registry}/cross/shop/api@${images['api'] ?? ''}`;
    const index = JSON.parse(await crane.run('manifest', reference)) as {
      manifests: { digest: string; platform: { os: string; architecture: string } }[];
    };
    expect(
      index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`),
    ).toEqual(['linux/amd64', 'linux/arm64']);
    for (const { digest } of index.manifests) {
      const one = `${lab.registry}/cross/shop/api@${digest}`;
      const manifest = JSON.parse(await crane.run('manifest', one)) as {
        layers: { size: number }[];
        annotations: Record<string, string>;
      };
      expect(manifest.layers).toHaveLength(1);
      expect(manifest.layers[0]?.size).toBeLessThan(5_000_000);
      expect(manifest.annotations['org.opencontainers.image.version']).toBe('1.1.0');
      const config = JSON.parse(await crane.run('config', one)) as {
        config: { User: string };
      };
      expect(config.config.User).toBe('65532:65532');
    }
  });

  test('run in a pod that must not be root and cannot write', async () => {
    await kubectl('create', 'namespace', namespace);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'api', namespace },
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'api',
            image: `${lab.registry}/cross/shop/api@${images['api'] ?? ''}`,
            securityContext: {
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
            readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    };
    const child = run(lab.kubectl, ['--kubeconfig', lab.kubeconfig, 'apply', '-f', '-']);
    child.child.stdin?.end(JSON.stringify(pod));
    await child;
    const ready = await kubectl(
      ...['wait', 'pod/api', '-n', namespace, '--for=condition=Ready', '--timeout=120s'],
    );
    expect(ready).toContain('condition met');
    const health = await kubectl(
      ...['get', '--raw', `/api/v1/namespaces/${namespace}/pods/api:8080/proxy/healthz`],
    );
    expect(health).not.toBe('');
  });
});
