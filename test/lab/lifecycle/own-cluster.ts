import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import type { Env } from '../places/cache-folder.ts';
import { stopDaemon } from '../process/daemon.ts';
import { findHostTools, type HostTools } from '../machine/host-tools.ts';
import { httpAnswers } from '../process/http-answers.ts';
import type { Layout } from '../places/layout.ts';
import { freePort } from '../places/port.ts';
import type { Programs } from '../build/programs.ts';
import type { Reporter } from '../session/reporter.ts';
import { ensureCacheService, ensurePrometheus, ensureRegistry } from '../parts/service-parts.ts';
import { ensurePart, type Session } from '../session/session.ts';
import { readState, writeState, type LabState } from '../session/state.ts';

const run = promisify(execFile);

/** A cluster of the user's, and what of a lab they have already. */
export interface OwnCluster {
  /** Path of the kubeconfig. */
  kubeconfig: string;
  /** Host and port of a registry that the cluster's nodes pull from. */
  registry: string | undefined;
  prometheusUrl: string | undefined;
}

/** SLIPWAY_KUBECONFIG, SLIPWAY_REGISTRY, SLIPWAY_PROMETHEUS_URL; undefined when the first is not set. */
export function readOwnCluster(env: Env): OwnCluster | undefined {
  const given = (name: string): string | undefined =>
    (env[name] ?? '') === '' ? undefined : env[name];
  const kubeconfig = given('SLIPWAY_KUBECONFIG');
  if (kubeconfig === undefined) return undefined;
  return {
    kubeconfig: path.resolve(kubeconfig),
    registry: given('SLIPWAY_REGISTRY'),
    prometheusUrl: given('SLIPWAY_PROMETHEUS_URL')?.replace(/\/$/, ''),
  };
}

async function newState(): Promise<LabState> {
  const taken: number[] = [];
  const take = async (preferred: number): Promise<number> => {
    taken.push(await freePort(preferred, taken));
    return taken.at(-1) ?? 0;
  };
  const nowhere = {
    gateway: '',
    pods: '',
    firstPod: '',
    services: '',
    firstService: '',
    whole: '',
  };
  return {
    bootId: '',
    subnet: nowhere,
    // The etcd of a lab has no counterpart here: its port is where kubectl proxy listens.
    ports: {
      etcd: await take(8001),
      etcdPeer: 0,
      registry: await take(5000),
      prometheus: await take(9090),
      cacheService: await take(5050),
    },
    daemons: {},
    versions: {},
    ready: false,
  };
}

/**
 * Prometheus beside a foreign cluster: it cannot reach pods by address, so it scrapes them through
 * the API server's pod proxy, and kubectl proxy logs in for it whatever the kubeconfig demands.
 */
async function ensureProxiedPrometheus(
  session: Session,
  kubectl: string,
  kubeconfig: string,
): Promise<void> {
  const { layout, state } = session;
  const gate = `http://127.0.0.1:${state.ports.etcd}`;
  await ensurePart(session, {
    name: 'kubectl-proxy',
    file: kubectl,
    args: [
      '--kubeconfig',
      kubeconfig,
      'proxy',
      '--address=127.0.0.1',
      `--port=${state.ports.etcd}`,
    ],
    timeoutMs: 30_000,
    probe: () => httpAnswers(`${gate}/version`),
  });
  await ensurePart(session, {
    name: 'services',
    file: session.programs.services,
    args: ['--proxied', `--server=${gate}`, `--targets=${layout.targets}`],
    timeoutMs: 30_000,
    probe: () => Promise.resolve(existsSync(layout.targets)),
  });
  await ensurePrometheus(session);
}

/** What runs beside a cluster of the user's: a registry and a Prometheus where none was given. */
export interface Beside {
  registry: string;
  prometheusUrl: string;
}

/** Starts what the user's cluster lacks, as plain processes that need no root. */
export async function bringUpBeside(options: {
  cluster: OwnCluster;
  layout: Layout;
  env: Env;
  kubectl: string;
  programs: Promise<Programs>;
  reporter: Reporter;
}): Promise<Beside> {
  const { cluster, layout, env, kubectl, reporter } = options;
  if (!existsSync(cluster.kubeconfig))
    throw new Error(`There is no kubeconfig ${cluster.kubeconfig}.`);
  await reporter.stage('cluster', () => requireCluster(kubectl, cluster.kubeconfig));
  const tools = findHostTools(env);
  if (cluster.prometheusUrl === undefined && tools.prometheus === undefined)
    throw new Error(
      'There is no prometheus in PATH: install it, or name one that scrapes the cluster with SLIPWAY_PROMETHEUS_URL.',
    );
  await mkdir(layout.state, { recursive: true, mode: 0o700 });
  const state = (await readState(layout)) ?? (await newState());
  writeState(layout, state);
  const programs = await options.programs;
  // Only prometheus is used of them, and that has been seen to.
  const session: Session = { layout, state, env, tools: tools as HostTools, programs, reporter };
  if (cluster.registry === undefined)
    await reporter.stage('registry', () => ensureRegistry(session));
  if (cluster.prometheusUrl === undefined)
    await reporter.stage('Prometheus', () =>
      ensureProxiedPrometheus(session, kubectl, cluster.kubeconfig),
    );
  await reporter.stage('GitHub cache service', () => ensureCacheService(session));
  state.ready = true;
  writeState(layout, state);
  return {
    registry: cluster.registry ?? `127.0.0.1:${state.ports.registry}`,
    prometheusUrl: cluster.prometheusUrl ?? `http://127.0.0.1:${state.ports.prometheus}`,
  };
}

async function requireCluster(kubectl: string, kubeconfig: string): Promise<void> {
  const ask = ['--kubeconfig', kubeconfig, '--request-timeout=10s', 'get', '--raw', '/version'];
  await run(kubectl, ask).catch((error: unknown) => {
    const { stderr } = error as { stderr?: string };
    throw new Error(
      `The cluster of ${kubeconfig} does not answer: ${(stderr ?? '').trim().split('\n').at(-1) ?? ''}`,
      { cause: error },
    );
  });
}

/** The API server's address in a kubeconfig's current context. */
export async function serverOf(kubectl: string, kubeconfig: string): Promise<string> {
  const query = ['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}'];
  const { stdout } = await run(kubectl, ['--kubeconfig', kubeconfig, ...query]);
  return stdout.trim();
}

/** Ends what was started beside the user's cluster; the cluster itself is left as it is. */
export async function takeDownBeside(layout: Layout): Promise<void> {
  const state = await readState(layout);
  await Promise.all(Object.values(state?.daemons ?? {}).map((record) => stopDaemon(record)));
  await rm(layout.state, { recursive: true, force: true });
}
