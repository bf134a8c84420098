import { mkdir } from 'node:fs/promises';
import { renderProgress } from '../build/build-progress.ts';
import type { Env } from '../places/cache-folder.ts';
import {
  apiServerOf,
  ensureApiServer,
  ensureCertificates,
  ensureControllers,
  ensureEtcd,
} from '../parts/control-parts.ts';
import { requireDisk } from '../machine/disk.ts';
import type { HostTools } from '../machine/host-tools.ts';
import type { KubernetesBuild } from '../build/kubernetes.ts';
import { kubernetesParts, type KubernetesPrograms } from '../build/kubernetes-part.ts';
import type { Layout } from '../places/layout.ts';
import { ensureContainerd, ensureKubelet } from '../parts/node-parts.ts';
import { bootId, bridgeExists, newState, prepareMachine } from './prepare.ts';
import type { Programs } from '../build/programs.ts';
import type { Reporter } from '../session/reporter.ts';
import {
  ensureCacheService,
  ensurePrometheus,
  ensureRegistry,
  ensureServiceRouting,
} from '../parts/service-parts.ts';
import type { Session } from '../session/session.ts';
import { readState, writeState, type LabState } from '../session/state.ts';
import { endStrays, takeDown } from './teardown.ts';
import { versions } from '../build/versions.ts';

/** What a lab is made of. Programs may still be in the making. */
export interface UpOptions {
  layout: Layout;
  env: Env;
  tools: HostTools;
  programs: Promise<Programs>;
  kubernetes: KubernetesBuild;
  reporter: Reporter;
}

/** Images, etcd's log and two hours of samples. */
const stateBytes = 1e9;

/**
 * The state to go on from: the recorded one when the bridge that its addresses belong to is still
 * there. After another boot, or a `down` or `up` that ended half way, the rest is cleared first.
 */
async function continueOrBegin(options: UpOptions): Promise<LabState> {
  const { layout, tools } = options;
  const recorded = await readState(layout);
  if (recorded?.bootId === (await bootId()) && bridgeExists(layout)) {
    await endStrays(layout, recorded);
    return recorded;
  }
  await takeDown(layout, tools);
  return newState(tools);
}

/** Waits for the programs and tells how far they are. */
async function awaitKubernetes(
  build: KubernetesBuild,
  update: (text: string) => void,
): Promise<KubernetesPrograms> {
  const timer = setInterval(() => update(renderProgress(build.progress(), Date.now())), 500);
  try {
    return await build.done;
  } finally {
    clearInterval(timer);
  }
}

/** Brings up everything that does not run yet, as far as possible side by side. */
export async function bringUp(options: UpOptions): Promise<LabState> {
  const { layout, reporter, env, tools } = options;
  const state = await continueOrBegin(options);
  await requireDisk(layout.state, stateBytes, 'the lab');
  await mkdir(layout.state, { recursive: true, mode: 0o700 });
  state.ready = false;
  writeState(layout, state);
  await reporter.stage('network and control group', () => prepareMachine(layout, state, tools));
  const programs = await options.programs;
  const session: Session = { layout, state, env, tools, programs, reporter };
  await reporter.stage('certificates', () => ensureCertificates(session));
  const node = reporter.stage('containerd', () => ensureContainerd(session));
  const rest = Promise.all([
    reporter.stage('etcd', () => ensureEtcd(session)),
    reporter.stage('registry', () => ensureRegistry(session)),
    reporter.stage('GitHub cache service', () => ensureCacheService(session)),
  ]);
  // A failure of one must not leave the other unheard when it fails too.
  node.catch(() => undefined);
  await rest;
  const kubernetes = await reporter.stage('Kubernetes', (update) =>
    awaitKubernetes(options.kubernetes, update),
  );
  for (const part of kubernetesParts) state.versions[part] = versions.kubernetes;
  await reporter.stage('API server', () => ensureApiServer(session, kubernetes));
  await reporter.stage('controllers and scheduler', () => ensureControllers(session, kubernetes));
  await node;
  await Promise.all([
    reporter.stage('node', () => ensureKubelet(session, kubernetes, apiServerOf(session))),
    reporter.stage('service routing', () => ensureServiceRouting(session)),
    reporter.stage('Prometheus', () => ensurePrometheus(session)),
  ]);
  state.ready = true;
  writeState(layout, state);
  return state;
}
