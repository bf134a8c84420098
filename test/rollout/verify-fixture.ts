import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createKubeClient, loadKubeConfig, type KubeClient } from '@slipway/kube';
import { fakeLog, runBundle, type BundleOptions, type BundleResult } from '@slipway/testing';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { useLab, type Lab } from '../lab/lab.ts';
import { pushProgram } from '../lab/images/push-image.ts';

const run = promisify(execFile);
const fixtures = path.resolve(import.meta.dirname, '..', 'fixtures');
const shop = path.join(fixtures, 'shop');

/** Values of the shop's chart for its API, by name; `faults` are its FAULT_* switches. */
export interface ApiValues {
  replicaCount?: number;
  faults?: Readonly<Record<string, string>>;
  selfTraffic?: string;
  /** A tag that does not exist, for an image that cannot be pulled. */
  tag?: string;
}

/** A namespace of the lab in which versions of the shop's API are released and verified. */
export interface VerifyFixture {
  lab: Lab;
  namespace: string;
  kube: KubeClient;
  kubeconfigText: string;
  /** Installs or upgrades the release `api` and does not wait. */
  release(values?: ApiValues): Promise<void>;
  /** Waits as `kubectl rollout status` does. */
  rolledOut(): Promise<void>;
  /** Runs the bundle's main. Its inputs default to the API with probes, Prometheus and a short soak. */
  verify(
    inputs?: Readonly<Record<string, string>>,
    options?: Partial<BundleOptions>,
  ): Promise<BundleResult>;
  /** Applies one object of the API as JSON. */
  apply(object: object): Promise<void>;
  /** A kubeconfig of a service account that may do what `rules` (RBAC) allow in the namespace. */
  restrictedKubeconfig(rules: readonly object[]): Promise<string>;
  helm(...args: string[]): Promise<string>;
  kubectl(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

const images = new Map<string, Promise<string>>();
/** Once per process: a bundle that changed between two cases would compare different things. */
let bundles: Promise<void> | undefined;

/** Builds a static program of `folder` once per process, pushes it, and gives its image. */
export function pushBuilt(
  registry: string,
  name: string,
  folder: string,
  pkg: string,
): Promise<string> {
  const known = images.get(name);
  if (known !== undefined) return known;
  const build = async (): Promise<string> => {
    const out = await mkdtemp(path.join(os.tmpdir(), 'verify-image-'));
    try {
      const program = path.join(out, name);
      await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', program, pkg], {
        cwd: path.join(fixtures, folder),
        env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOWORK: 'off' },
      });
      const repository = `slipway/${name}`;
      await pushProgram({ registry, repository, tag: 'test', program });
      return `${registry}/${repository}`;
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  };
  const image = build();
  images.set(name, image);
  return image;
}

/** The API's chart with the library chart inside, so that Helm need fetch nothing. */
async function vendoredChart(folder: string): Promise<string> {
  const chart = path.join(folder, 'chart');
  await cp(path.join(shop, 'services', 'api', 'chart'), chart, { recursive: true });
  await rm(path.join(chart, 'Chart.lock'), { force: true });
  await cp(path.join(shop, 'charts', 'service'), path.join(chart, 'charts', 'service'), {
    recursive: true,
  });
  return chart;
}

/** Makes an empty namespace `verify-<name>` in the lab. */
export async function openVerifyFixture(name: string): Promise<VerifyFixture> {
  const lab = await useLab();
  bundles ??= ensureBundles(['verify-health']);
  await bundles;
  const repository = await pushBuilt(lab.registry, 'verify-api', 'shop', './services/api');
  const namespace = `verify-${name}`;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'verify-'));
  const chart = await vendoredChart(folder);
  const kubeconfigText = await readFile(lab.kubeconfig, 'utf8');
  const target = await loadKubeConfig({ path: lab.kubeconfig, env: {} });
  const kube = createKubeClient(target, { env: {}, log: fakeLog() });
  const env = { ...process.env, KUBECONFIG: lab.kubeconfig };
  const call = async (file: string, args: readonly string[]): Promise<string> =>
    (await run(file, [...args], { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const kubectl = (...args: string[]): Promise<string> =>
    call(lab.kubectl, ['--namespace', namespace, ...args]);
  const helm = (...args: string[]): Promise<string> =>
    call(lab.helm.v4, [...args, '--namespace', namespace]);
  const apply = async (object: object): Promise<void> => {
    const file = path.join(folder, 'object.json');
    await writeFile(file, JSON.stringify(object));
    await kubectl('apply', '--filename', file);
  };
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=true');
  await kubectl('create', 'namespace', namespace);
  return {
    lab,
    namespace,
    kube,
    kubeconfigText,
    release: async ({ faults = {}, replicaCount = 2, selfTraffic = '20/s', ...rest } = {}) => {
      const texts = [
        `image.repository=${repository}`,
        `image.tag=${rest.tag ?? 'test'}`,
        `selfTraffic=${selfTraffic}`,
        ...Object.entries(faults).map(([fault, value]) => `faults.${fault}=${value}`),
      ].flatMap((setting) => ['--set-string', setting]);
      await helm(
        'upgrade',
        '--install',
        'api',
        chart,
        '--set',
        `replicaCount=${replicaCount}`,
        ...texts,
      );
    },
    rolledOut: async () => {
      await kubectl('rollout', 'status', 'deployment/api', '--timeout=60s');
    },
    verify: async (inputs = {}, options = {}) =>
      await runBundle({
        action: 'verify-health',
        timeoutMs: 180_000,
        ...options,
        env: {
          PATH: `${path.dirname(lab.helm.v4)}${path.delimiter}${process.env['PATH'] ?? ''}`,
          ...options.env,
        },
        inputs: {
          namespace,
          workload: 'deployment/api',
          probes: '/readyz\n/healthz',
          'prometheus-url': lab.prometheusUrl,
          'built-in': 'up\nerror-share',
          'min-soak': '10s',
          deadline: '60s',
          kubeconfig: kubeconfigText,
          ...inputs,
        },
      }),
    apply,
    restrictedKubeconfig: async (rules) => {
      const metadata = { name: 'verifier', namespace };
      const group = 'rbac.authorization.k8s.io';
      await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
      await apply({ apiVersion: `${group}/v1`, kind: 'Role', metadata, rules });
      await apply({
        apiVersion: `${group}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'Role', name: 'verifier' },
        subjects: [{ kind: 'ServiceAccount', name: 'verifier', namespace }],
      });
      const token = (await kubectl('create', 'token', 'verifier')).trim();
      const cluster = {
        server: target.server,
        'certificate-authority-data': Buffer.from(target.tls.ca ?? '').toString('base64'),
      };
      return JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'lab',
        clusters: [{ name: 'lab', cluster }],
        users: [{ name: 'verifier', user: { token } }],
        contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'verifier', namespace } }],
      });
    },
    helm,
    kubectl,
    close: async () => {
      await kube.close();
      await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
