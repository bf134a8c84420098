import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { KubeClient } from '@slipway/kube';
import { runBundle, type BundleOptions, type BundleResult } from '@slipway/testing';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { pushProbeImage } from './helm-probe-image.ts';
import { openLabNamespace } from './lab-namespace.ts';
import type { Kubectl } from '../lab/cluster/kubectl.ts';
import { useLab, type Lab } from '../lab/lab.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

/** One main run of the action and the post run after it. */
export interface StepRun {
  main: BundleResult;
  post: BundleResult;
}

/** A namespace of the lab in which releases are upgraded with one major of Helm. */
export interface HelmFixture {
  lab: Lab;
  namespace: string;
  image: string;
  kube: KubeClient;
  kubeconfigText: string;
  /** PATH with the major's Helm first. */
  path: string;
  /**
   * Runs main, then post as the runner would. Inputs default to the chart `web` with the good image;
   * `REGISTRY` in `set` and `values` is the lab's.
   */
  step(
    inputs: Readonly<Record<string, string>>,
    options?: Partial<BundleOptions>,
  ): Promise<StepRun>;
  /** Runs main only, and kills it when a line matches, or after so many milliseconds: a runner that is lost. */
  cutOffStep(
    inputs: Readonly<Record<string, string>>,
    when: RegExp | number,
    options?: Partial<BundleOptions>,
  ): Promise<BundleResult>;
  /** Ends the Helm that a killed main left, as the end of its runner would. */
  killStrayHelm(): Promise<void>;
  helm: (...args: string[]) => Promise<string>;
  kubectl: Kubectl;
  /** Status of each revision, the oldest first: `['superseded', 'failed', 'deployed']`. */
  history(release: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Inputs = Readonly<Record<string, string>>;

/** Ends every process of `binary` that works on the namespace. */
async function killHelm(binary: string, namespace: string): Promise<void> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const words = command.split('\0');
    if (words[0] === binary && words.includes(namespace)) process.kill(Number(name), 'SIGKILL');
  }
}

/** Makes an empty namespace `helm-<name>-<major>` in the lab. */
export async function openHelmFixture(name: string, major: 'v3' | 'v4'): Promise<HelmFixture> {
  const lab = await useLab();
  await ensureBundles(['helm-atomic-upgrade']);
  const image = await pushProbeImage(lab.registry);
  const place = await openLabNamespace(lab, `helm-${name}-${major}`);
  const { namespace, kube, kubeconfigText, call } = place;
  const binary = lab.helm[major];
  const searched = `${path.dirname(binary)}${path.delimiter}${process.env['PATH'] ?? ''}`;
  const scratches: string[] = [];
  const runMain = async (
    inputs: Inputs,
    options: Partial<BundleOptions>,
  ): Promise<{ main: BundleResult; shared: BundleOptions }> => {
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'helm-step-'));
    scratches.push(scratch);
    const shared: BundleOptions = {
      action: 'helm-atomic-upgrade',
      scratch,
      workspace: options.workspace ?? path.join(root, 'test', 'fixtures'),
      env: { PATH: searched, ...options.env },
      timeoutMs: options.timeoutMs ?? 240_000,
    };
    const usual = { release: 'web', namespace, chart: 'charts/web', timeout: '60s' };
    const withRegistry = (text = ''): string => text.replaceAll('REGISTRY', lab.registry);
    const set = `image=${image}\n${withRegistry(inputs['set'])}`;
    const values = withRegistry(inputs['values']);
    const given = { ...usual, kubeconfig: kubeconfigText, ...inputs, set, values };
    return { main: await runBundle({ ...options, ...shared, inputs: given }), shared };
  };
  return {
    ...{ lab, namespace, image, kube, kubeconfigText, path: searched },
    step: async (inputs, options = {}) => {
      const { main, shared } = await runMain(inputs, options);
      const post = await runBundle({ ...shared, phase: 'post', after: main });
      return { main, post };
    },
    cutOffStep: async (inputs, when, options = {}) => {
      const at = typeof when === 'number' ? { afterMs: when } : { afterLine: when };
      return (await runMain(inputs, { ...options, signals: [{ signal: 'SIGKILL', ...at }] })).main;
    },
    killStrayHelm: () => killHelm(binary, namespace),
    helm: (...args) => call(binary, [...args, '--namespace', namespace]),
    kubectl: (...args) => call(lab.kubectl, args),
    history: async (release) => {
      const printed = await call(binary, ['history', release, '-n', namespace, '-o', 'json']).catch(
        () => '[]',
      );
      return (JSON.parse(printed) as { status: string }[]).map(({ status }) => status);
    },
    close: async () => {
      await place.close();
      for (const scratch of scratches) await rm(scratch, { recursive: true, force: true });
    },
  };
}
