import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { labChain } from '../machine/iptables.ts';
import { toolVersion } from '../machine/host-tools.ts';
import { httpAnswers, portAnswers } from '../process/http-answers.ts';
import { prometheusArguments, prometheusConfig } from './prometheus.ts';
import { apiServerOf } from './control-parts.ts';
import { ensurePart, type Session } from '../session/session.ts';

/** The registry, until it answers. What was pushed lies on disk. */
export async function ensureRegistry(session: Session): Promise<void> {
  const address = `127.0.0.1:${session.state.ports.registry}`;
  await ensurePart(session, {
    name: 'registry',
    file: session.programs.registry,
    args: ['--address', address, '--folder', session.layout.registry],
    timeoutMs: 15_000,
    probe: () => httpAnswers(`http://${address}/v2/`),
  });
}

/** Prometheus, until it is ready to answer queries. */
export async function ensurePrometheus(session: Session): Promise<void> {
  const { layout, state, tools } = session;
  const config = prometheusConfig(layout.targets);
  await writeFile(path.join(layout.state, 'prometheus.yml'), config);
  state.versions['prometheus'] = await toolVersion(tools.prometheus);
  await ensurePart(session, {
    name: 'prometheus',
    file: tools.prometheus,
    args: prometheusArguments(layout, state.ports.prometheus),
    config: [config],
    timeoutMs: 30_000,
    probe: () => httpAnswers(`http://127.0.0.1:${state.ports.prometheus}/-/ready`),
  });
}

/** ClusterIPs and cluster DNS: the first reconciliation has been done when it answers. */
export async function ensureServiceRouting(session: Session): Promise<void> {
  const { layout, state, tools } = session;
  const { url, certificates } = apiServerOf(session);
  await ensurePart(session, {
    name: 'services',
    file: session.programs.services,
    args: [
      `--server=${url}`,
      `--certificates=${certificates}`,
      `--iptables=${tools.iptables}`,
      `--chain=${labChain(layout)}`,
      `--bridge=${layout.bridge}`,
      `--network=${state.subnet.whole}`,
      `--dns=${state.subnet.gateway}`,
      `--targets=${layout.targets}`,
    ],
    timeoutMs: 30_000,
    probe: () => httpAnswers(`http://${state.subnet.gateway}:10400/ready`),
  });
}

/** The GitHub cache service, until it has written how to reach it. */
export async function ensureCacheService(session: Session): Promise<void> {
  const { layout, state } = session;
  const program = path.join(import.meta.dirname, 'cache-daemon.ts');
  const folder = path.join(layout.state, 'cache-service');
  await mkdir(folder, { recursive: true });
  await ensurePart(session, {
    name: 'cache-service',
    file: process.execPath,
    args: [program, String(state.ports.cacheService), folder, layout.cacheEnvironment],
    timeoutMs: 30_000,
    probe: async () =>
      existsSync(layout.cacheEnvironment) && (await portAnswers(state.ports.cacheService)),
  });
}
