import { execFile } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { apiIsReady, type ApiServer } from './api-request.ts';
import { apiServerArguments, controllerArguments, schedulerArguments } from './control-plane.ts';
import { etcdArguments } from './etcd.ts';
import { toolVersion } from '../machine/host-tools.ts';
import { httpAnswers } from '../process/http-answers.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import type { KubernetesPart, KubernetesPrograms } from '../build/kubernetes-part.ts';
import { hasCertificates } from './node-parts.ts';
import { ensurePart, type Session } from '../session/session.ts';

const run = promisify(execFile);

/** Where the API server of a session's lab is. */
export function apiServerOf(session: Pick<Session, 'layout' | 'state'>): ApiServer {
  return {
    url: `https://${session.state.subnet.gateway}:6443`,
    certificates: session.layout.certificates,
  };
}

/** Renamed into place: another process may be reading the kubeconfig that an `up` writes again. */
async function writePrivate(file: string, text: string): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  await writeFile(partial, text, { mode: 0o600 });
  await rename(partial, file);
}

/** Certificates, and the kubeconfigs of the administrator and of the parts. */
export async function ensureCertificates(session: Session): Promise<void> {
  const { layout, state, programs } = session;
  const { certificates } = layout;
  if (!(await hasCertificates(certificates))) {
    const addresses = [state.subnet.gateway, state.subnet.firstService, '127.0.0.1'];
    await run(programs.certificates, [certificates, layout.node, ...addresses]);
  }
  const { url: server } = apiServerOf(session);
  for (const user of ['controllers', 'scheduler', 'kubelet']) {
    const text = await renderKubeconfig({ certificates, user, server, cluster: layout.name });
    await writePrivate(path.join(certificates, `${user}.kubeconfig`), text);
  }
  const text = await renderKubeconfig({
    certificates,
    user: 'admin',
    server,
    cluster: layout.name,
  });
  await writePrivate(layout.kubeconfig, text);
}

/** etcd, until it is healthy. */
export async function ensureEtcd(session: Session): Promise<void> {
  const { layout, state, tools } = session;
  state.versions['etcd'] = await toolVersion(tools.etcd);
  await ensurePart(session, {
    name: 'etcd',
    file: tools.etcd,
    args: etcdArguments(layout, state.ports),
    timeoutMs: 60_000,
    urgent: true,
    probe: () => httpAnswers(`http://127.0.0.1:${state.ports.etcd}/health`),
  });
}

/** The API server, until it is ready. */
export async function ensureApiServer(
  session: Session,
  kubernetes: KubernetesPrograms,
): Promise<void> {
  const { layout, state } = session;
  const { file, args } = kubernetes('kube-apiserver');
  await ensurePart(session, {
    name: 'kube-apiserver',
    file,
    args: [...args, ...apiServerArguments(layout, state.ports, state.subnet)],
    timeoutMs: 120_000,
    urgent: true,
    probe: () => apiIsReady(apiServerOf(session)),
  });
}

/** The controller-manager and the scheduler. Whether they work shows when the node gets Ready. */
export async function ensureControllers(
  session: Session,
  kubernetes: KubernetesPrograms,
): Promise<void> {
  const { layout, state } = session;
  const parts: [KubernetesPart, string[]][] = [
    ['kube-controller-manager', controllerArguments(layout, state.subnet)],
    ['kube-scheduler', schedulerArguments(layout, state.subnet)],
  ];
  for (const [name, own] of parts) {
    const { file, args } = kubernetes(name);
    await ensurePart(session, {
      name,
      file,
      args: [...args, ...own],
      timeoutMs: 30_000,
      probe: () => Promise.resolve(true),
    });
  }
}
