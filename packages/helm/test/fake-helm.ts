import { ExecError, type ExecOptions, type ExecResult } from '@slipway/exec';
import { KubeError, readWorkload, type KubeClient } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import type { FakeApiServer } from '@slipway/testing';
import { parseManifest, type ManifestObject } from '../src/release/index.ts';
import {
  encodeRelease,
  type ReleaseHook,
  type ReleaseRecord,
  type ReleaseStatus,
} from '../src/release/record.ts';
import { openReleaseStore, type HelmRunner } from '../src/index.ts';

/** What a chart renders to. */
export interface FakeChart {
  manifest: string;
  hooks?: readonly ReleaseHook[];
  values?: Readonly<Record<string, unknown>>;
}

/** A Helm on a server in memory, and what its commands were. */
export interface FakeHelm extends HelmRunner {
  commands: readonly string[];
  /** What the name of a chart renders to from now on. */
  setChart(name: string, chart: FakeChart): void;
  /** A Helm that is interrupted from now on dies at once, and its revision stays pending. */
  dieWhenInterrupted(): void;
  /** The next run of this command fails with this on its standard error, before or after it has applied. */
  failNext(command: string, stderr: string, when?: 'before' | 'applied'): void;
}

const pollMs = 500;

function failure(command: string, stderr: string): ExecError {
  return new ExecError(`helm ${command} failed`, { file: 'helm', exitCode: 1, stderr });
}

function flag(args: readonly string[], name: string): string {
  const at = args.indexOf(name);
  return at < 0 ? '' : (args[at + 1] ?? '');
}

/**
 * Helm as far as releases see it: revisions in Secrets (the format of both majors), pending while it
 * works, objects applied and taken away, waiting until deployments are done, one SIGINT marks the
 * revision failed. It renders nothing: a chart is what it renders to.
 */
export function fakeHelm(ports: {
  server: FakeApiServer;
  kube: KubeClient;
  clock: Clock;
  namespace: string;
}): FakeHelm {
  const { server, kube, clock, namespace } = ports;
  const commands: string[] = [];
  let dies = false;
  const charts = new Map<string, FakeChart>();
  const failures: { command: string; stderr: string; when: 'before' | 'applied' }[] = [];
  const store = (release: string) => openReleaseStore(kube, release, namespace);

  const fail = (command: string, when: 'before' | 'applied'): void => {
    const at = failures.findIndex((set) => set.command === command && set.when === when);
    const [found] = at < 0 ? [] : failures.splice(at, 1);
    if (found !== undefined) throw failure(command, found.stderr);
  };
  const write = (record: ReleaseRecord): void => {
    const { name, version, info } = record;
    server.put({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `sh.helm.release.v1.${name}.v${version}`,
        namespace,
        labels: { name, owner: 'helm', status: info.status, version: String(version) },
      },
      type: 'helm.sh/release.v1',
      data: { release: encodeRelease(record) },
    } as never);
  };
  const settle = (record: ReleaseRecord, status: ReleaseStatus, description: string): void =>
    write({ ...record, info: { ...record.info, status, description } });
  const pathOf = (object: ManifestObject): string => {
    const root = object.apiVersion.includes('/') ? '/apis' : '/api';
    const resource = `${object.kind.toLowerCase()}s`;
    return `${root}/${object.apiVersion}/namespaces/${namespace}/${resource}/${object.metadata.name}`;
  };
  const apply = async (before: string, after: string): Promise<void> => {
    const wanted = parseManifest(after);
    for (const object of wanted)
      await kube.apply(pathOf(object), object.source, { fieldManager: 'helm', force: true });
    const kept = new Set(wanted.map(pathOf));
    for (const object of parseManifest(before))
      if (!kept.has(pathOf(object))) await kube.delete(pathOf(object)).catch(() => undefined);
  };
  const isReady = async (manifest: string): Promise<boolean> => {
    for (const { kind, metadata } of parseManifest(manifest)) {
      if (kind !== 'Deployment') continue;
      const ref = { kind: 'deployment', name: metadata.name, namespace } as const;
      if (!(await readWorkload(kube, ref)).rollout.done) return false;
    }
    return true;
  };
  const supersede = async (record: ReleaseRecord): Promise<void> => {
    for (const { revision, status, record: old } of await store(record.name).history())
      if (revision !== record.version && status === 'deployed')
        settle(old, 'superseded', old.info.description ?? '');
  };
  const render = (release: string, chart: string, version: number): ReleaseRecord => {
    const found = charts.get(chart);
    if (found === undefined) throw failure('upgrade', `Error: path "${chart}" not found`);
    return {
      name: release,
      namespace,
      version,
      info: {
        status: version === 1 ? 'pending-install' : 'pending-upgrade',
        last_deployed: new Date(clock.now()).toISOString(),
      },
      chart: { metadata: { name: chart, version: '1.0.0' } },
      config: found.values ?? {},
      manifest: found.manifest,
      hooks: found.hooks ?? [],
    };
  };
  const wait = async (record: ReleaseRecord, signal: AbortSignal | undefined): Promise<void> => {
    while (!(await isReady(record.manifest ?? ''))) await clock.sleep(pollMs, signal);
  };

  const upgrade = async (args: readonly string[], options: ExecOptions): Promise<string> => {
    const [, release = '', chart = ''] = args;
    const history = await store(release).history();
    const [newest] = history;
    const record = render(release, chart, (newest?.revision ?? 0) + 1);
    if (args.includes('--dry-run=server')) return JSON.stringify(record);
    fail('upgrade', 'before');
    if (newest?.status.startsWith('pending') === true)
      throw failure(
        'upgrade',
        'Error: another operation (install/upgrade/rollback) is in progress',
      );
    write(record);
    try {
      await apply(newest?.record.manifest ?? '', record.manifest ?? '');
      fail('upgrade', 'applied');
      await wait(record, options.signal);
    } catch (error) {
      if (!dies || options.signal?.aborted !== true) settle(record, 'failed', 'Upgrade failed');
      throw error;
    }
    await supersede(record);
    settle(record, 'deployed', 'Upgrade complete');
    return JSON.stringify({ ...record, info: { ...record.info, status: 'deployed' } });
  };
  const rollback = async (args: readonly string[]): Promise<string> => {
    const [, release = '', revision = ''] = args;
    fail('rollback', 'before');
    const history = await store(release).history();
    const target = history.find((stored) => stored.revision === Number(revision));
    const [newest] = history;
    if (target === undefined || newest === undefined)
      throw failure('rollback', `Error: release: not found`);
    const record: ReleaseRecord = { ...target.record, version: newest.revision + 1 };
    settle(record, 'pending-rollback', 'Preparing rollback');
    await apply(newest.record.manifest ?? '', record.manifest ?? '');
    await supersede(record);
    settle(record, 'deployed', `Rollback to ${revision}`);
    return '';
  };
  const uninstall = async (args: readonly string[]): Promise<string> => {
    const [, release = ''] = args;
    fail('uninstall', 'before');
    const [newest] = await store(release).history();
    await apply(newest?.record.manifest ?? '', '');
    for (const secret of server.objects('Secret', namespace))
      if (secret.metadata.name.startsWith(`sh.helm.release.v1.${release}.`)) server.remove(secret);
    return '';
  };

  const run = async (args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> => {
    const [command = ''] = args;
    const isDry = args.includes('--dry-run=server');
    commands.push(`${command}${isDry ? ' --dry-run' : ''}`);
    options.signal?.throwIfAborted();
    if (flag(args, '--namespace') !== namespace) throw new Error('Another namespace was named.');
    try {
      const steps = { upgrade, rollback, uninstall };
      if (!(command in steps)) throw new Error(`helm ${command} is not played.`);
      const stdout = await steps[command as keyof typeof steps](args, options);
      return { exitCode: 0, stdout, stderr: '', durationMs: 0 };
    } catch (error) {
      if (error instanceof KubeError) throw failure(command, `Error: ${error.message}`);
      throw error;
    }
  };
  return {
    tool: { path: 'helm', version: '4.2.3', major: 4 },
    commands,
    run,
    setChart: (name, chart) => {
      charts.set(name, chart);
    },
    dieWhenInterrupted: () => {
      dies = true;
    },
    failNext: (command, stderr, when = 'before') => {
      failures.push({ command, stderr, when });
    },
  };
}
