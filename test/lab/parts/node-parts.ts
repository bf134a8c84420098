import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { nodeIsReady, type ApiServer } from './api-request.ts';
import { containerdConfig, pauseImage, registryHosts } from './containerd.ts';
import { toolVersion } from '../machine/host-tools.ts';
import { kubeletArguments, kubeletConfig } from './kubelet.ts';
import type { KubernetesPrograms } from '../build/kubernetes-part.ts';
import { cniConfig } from '../machine/network.ts';
import { writePauseImage } from '../images/pause-image.ts';
import { ensurePart, type Session } from '../session/session.ts';

const run = promisify(execFile);
const overlayMagic = 0x794c7630;

/** Runs ctr(8) against the lab's containerd, in the namespace that Kubernetes uses. */
async function ctr(session: Session, args: readonly string[]): Promise<string> {
  const { stdout } = await run(session.tools.ctr, [
    '--address',
    session.layout.containerdSocket,
    '--namespace',
    'k8s.io',
    ...args,
  ]);
  return stdout;
}

/** containerd with the pods' network and the pause image. */
export async function ensureContainerd(session: Session): Promise<void> {
  const { layout, state, tools } = session;
  const registry = `127.0.0.1:${state.ports.registry}`;
  const hosts = path.join(layout.state, 'certs.d', registry);
  await mkdir(hosts, { recursive: true });
  await writeFile(path.join(hosts, 'hosts.toml'), registryHosts(registry));
  const network = cniConfig(layout, state.subnet);
  await writeFile(path.join(layout.cniConfig, '10-slipway.conflist'), network);
  const version = await toolVersion(tools.containerd);
  state.versions['containerd'] = version;
  // Layers cannot be stacked on an overlay, which is what the disk of a container is.
  const onOverlay = (await statfs(layout.state)).type === overlayMagic;
  const config = path.join(layout.state, 'containerd.toml');
  const snapshotter = onOverlay ? 'native' : 'overlayfs';
  const text = containerdConfig({
    layout,
    tools,
    major: Number.parseInt(version, 10),
    snapshotter,
  });
  await writeFile(config, text);
  await ensurePart(session, {
    name: 'containerd',
    file: tools.containerd,
    args: ['--config', config],
    config: [text, network],
    timeoutMs: 30_000,
    probe: async () => (await ctr(session, ['version'])).includes('Server'),
  });
  if ((await ctr(session, ['images', 'list', '--quiet'])).includes(pauseImage)) return;
  const archive = path.join(layout.state, 'pause.tar');
  await writePauseImage(session.programs.pause, archive);
  await ctr(session, ['images', 'import', archive]);
}

/** The kubelet, until its node is Ready. */
export async function ensureKubelet(
  session: Session,
  kubernetes: KubernetesPrograms,
  server: ApiServer,
): Promise<void> {
  const { layout, state } = session;
  const config = kubeletConfig(layout, state.subnet);
  await writeFile(path.join(layout.state, 'kubelet.json'), config);
  // Pods of the lab have no business with the machine's own resolver.
  await writeFile(path.join(layout.state, 'resolv.conf'), `nameserver ${state.subnet.gateway}\n`);
  const { file, args } = kubernetes('kubelet');
  await ensurePart(session, {
    name: 'kubelet',
    file,
    args: [...args, ...kubeletArguments(layout, state.subnet)],
    config: [config],
    timeoutMs: 180_000,
    urgent: true,
    probe: () => nodeIsReady(server, layout.node),
  });
}

/** The certificate files exist already. */
export async function hasCertificates(folder: string): Promise<boolean> {
  return existsSync(path.join(folder, 'service-account.key'))
    ? (await readFile(path.join(folder, 'ca.crt'), 'utf8')).includes('CERTIFICATE')
    : false;
}
