import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { KubeClient } from '@slipway/kube';
import { runBundle, type BundleOptions, type BundleResult } from '@slipway/testing';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { useLab, type Lab } from '../../lab/lab.ts';
import { pushProgram } from '../../lab/images/push-image.ts';
import { openLabNamespace, type LabNamespace } from '../lab-namespace.ts';
import { restrictedKubeconfig } from '../restricted-kubeconfig.ts';

const run = promisify(execFile);
const fixtures = path.resolve(import.meta.dirname, '..', '..', 'fixtures');
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

/** Installs or upgrades the release `api` from `chart` with an image of `repository`. */
async function releaseApi(
  helm: VerifyFixture['helm'],
  chart: string,
  repository: string,
  { faults = {}, replicaCount = 2, selfTraffic = '20/s', tag = 'test' }: ApiValues,
): Promise<void> {
  const texts = [
    `image.repository=${repository}`,
    `image.tag=${tag}`,
    `selfTraffic=${selfTraffic}`,
    ...Object.entries(faults).map(([fault, value]) => `faults.${fault}=${value}`),
  ].flatMap((setting) => ['--set-string', setting]);
  const replicas = ['--set', `replicaCount=${replicaCount}`];
  await helm('upgrade', '--install', 'api', chart, ...replicas, ...texts);
}

/** Inputs of verify-health that a test need not name. */
function usualInputs({ lab, namespace, kubeconfigText }: LabNamespace): Record<string, string> {
  return {
    namespace,
    workload: 'deployment/api',
    probes: '/readyz\n/healthz',
    'prometheus-url': lab.prometheusUrl,
    'built-in': 'up\nerror-share',
    'min-soak': '10s',
    deadline: '60s',
    kubeconfig: kubeconfigText,
  };
}

/** Makes an empty namespace `verify-<name>` in the lab. */
export async function openVerifyFixture(name: string): Promise<VerifyFixture> {
  const lab = await useLab();
  bundles ??= ensureBundles(['verify-health']);
  await bundles;
  const repository = await pushBuilt(lab.registry, 'verify-api', 'shop', './services/api');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'verify-'));
  const chart = await vendoredChart(folder);
  const place = await openLabNamespace(lab, `verify-${name}`);
  const { namespace, kube, kubeconfigText, call } = place;
  const kubectl = (...args: string[]): Promise<string> =>
    call(lab.kubectl, ['--namespace', namespace, ...args]);
  const helm = (...args: string[]): Promise<string> =>
    call(lab.helm.v4, [...args, '--namespace', namespace]);
  const apply = async (object: object): Promise<void> => {
    const file = path.join(folder, 'object.json');
    await writeFile(file, JSON.stringify(object));
    await kubectl('apply', '--filename', file);
  };
  const searched = `${path.dirname(lab.helm.v4)}${path.delimiter}${process.env['PATH'] ?? ''}`;
  return {
    ...{ lab, namespace, kube, kubeconfigText, apply, helm, kubectl },
    release: (values = {}) => releaseApi(helm, chart, repository, values),
    rolledOut: async () => {
      await kubectl('rollout', 'status', 'deployment/api', '--timeout=60s');
    },
    verify: async (inputs = {}, options = {}) =>
      await runBundle({
        action: 'verify-health',
        timeoutMs: 180_000,
        ...options,
        env: { PATH: searched, ...options.env },
        inputs: { ...usualInputs(place), ...inputs },
      }),
    restrictedKubeconfig: (rules) => restrictedKubeconfig(place, apply, rules),
    close: async () => {
      await place.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
