import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { runBundle, type BundleResult } from '@slipway/testing';
import { readActionMetadata } from '../../../tools/docs/action-metadata.ts';
import type { ShopRepository } from '../../fixtures/shop-repository.ts';
import type { Lab } from '../lab.ts';

const run = promisify(execFile);
const actions = path.resolve(import.meta.dirname, '..', '..', '..', 'actions');

/** One release of one service: what a job of a workflow does, as a plain script. */
export interface ReleasePlan {
  lab: Lab;
  helm: 'v3' | 'v4';
  shop: ShopRepository;
  service: string;
  version: string;
  namespace: string;
  /** Prefix of the image repository, the registry included. */
  images: string;
  /** An empty folder for what the runner would keep of this job. */
  scratch: string;
}

/** What each step said; a step after a failed one did not run. */
export interface ReleaseSteps {
  build: BundleResult;
  upgrade?: BundleResult;
  verify?: BundleResult;
}

/** Inputs as the runner hands them over: the given ones over the defaults of action.yml. */
function withDefaults(action: string, given: Readonly<Record<string, string>>) {
  const { inputs } = readActionMetadata(path.join(actions, action, 'action.yml'));
  const defaults = inputs.map(({ name, default: value }) => [name, value ?? ''] as const);
  return { ...Object.fromEntries(defaults), ...given };
}

/** A runner's Go has its caches and its proxy; HOME, where it would look for them, is scratch. */
async function goEnvironment(): Promise<Record<string, string>> {
  const names = ['GOCACHE', 'GOMODCACHE', 'GOPROXY', 'GOSUMDB', 'GOTOOLCHAIN'];
  const { stdout } = await run('go', ['env', '-json', ...names]);
  return JSON.parse(stdout) as Record<string, string>;
}

/** Builds and pushes a service, deploys its chart and verifies it, through the three bundles. */
export async function releaseService(plan: ReleasePlan): Promise<ReleaseSteps> {
  const { lab, shop, service, version, namespace, scratch } = plan;
  const searched = [path.dirname(lab.helm[plan.helm]), process.env['PATH'] ?? ''];
  const env = { ...(await goEnvironment()), PATH: searched.join(path.delimiter) };
  const kubeconfig = await readFile(lab.kubeconfig, 'utf8');
  await mkdir(scratch, { recursive: true });
  const step = async (
    action: string,
    given: Readonly<Record<string, string>>,
  ): Promise<BundleResult> => {
    const inputs = withDefaults(action, given);
    const common = { action, env, scratch, workspace: shop.dir, timeoutMs: 300_000 };
    const result = await runBundle({ ...common, inputs });
    const { runs } = readActionMetadata(path.join(actions, action, 'action.yml'));
    if (runs['post'] !== undefined) await runBundle({ ...common, phase: 'post', after: result });
    return result;
  };

  const build = await step('go-cross-build', {
    targets: process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64',
    packages: `./services/${service}`,
    version,
    image: `${plan.images}/${service}`,
    // One version after the other is built in this workspace.
    clean: 'true',
  });
  if (build.exitCode !== 0) return { build };
  const images = JSON.parse(build.outputs['images'] ?? '{}') as Record<string, string>;
  const upgrade = await step('helm-atomic-upgrade', {
    release: service,
    namespace,
    chart: `services/${service}/chart`,
    'value-files': `services/${service}/chart/values-staging.yaml`,
    set: `image.digest=${images[service] ?? ''}`,
    timeout: '2m',
    kubeconfig,
  });
  if (upgrade.exitCode !== 0) return { build, upgrade };
  const verify = await step('verify-health', {
    namespace,
    workload: `deployment/${service}`,
    'prometheus-url': lab.prometheusUrl,
    'min-soak': '10s',
    deadline: '90s',
    'on-unhealthy': 'rollback',
    kubeconfig,
  });
  return { build, upgrade, verify };
}
