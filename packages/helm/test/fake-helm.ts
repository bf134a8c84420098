import { ExecError, type ExecOptions } from '@slipway/exec';
import { KubeError, readWorkload, type KubeClient, type RelayRule } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import type { FakeApiServer } from '@slipway/testing';
import { parseManifest, type ManifestObject } from '../src/release/index.ts';
import {
  encodeRelease,
  type ReleaseHook,
  type ReleaseRecord,
  type ReleaseStatus,
} from '../src/release/record.ts';
import {
  openReleaseStore,
  type HelmRunner,
  type StorageDriver,
  type StoredRevision,
} from '../src/index.ts';

/** What a chart renders to. */
export interface FakeChart {
  manifest: string;
  hooks?: readonly ReleaseHook[];
  values?: Readonly<Record<string, unknown>>;
  /** Applied on the client's side, as every release that Helm 3 made. */
  clientSide?: true;
}

/** A Helm on a server in memory, and what its commands were. */
export interface FakeHelm extends HelmRunner {
  commands: readonly string[];
  /** What the name of a chart renders to from now on. */
  setChart(name: string, chart: FakeChart): void;
  /** A Helm that is interrupted from now on dies at once, and its revision stays pending. */
  dieWhenInterrupted(): void;
  /** A wrapper from now on, which takes its cluster from elsewhere, or cannot reach one through a relay. */
  wrap(how: 'own cluster' | 'no loopback'): void;
  /** The next run of this command fails with this on its standard error, before or after it has applied. */
  failNext(command: string, stderr: string, when?: 'before' | 'applied'): void;
}

const pollMs = 500;

/** What the commands share. */
interface State {
  server: FakeApiServer;
  kube: KubeClient;
  clock: Clock;
  namespace: string;
  driver: StorageDriver;
  charts: Map<string, FakeChart>;
  failures: { command: string; stderr: string; when: 'before' | 'applied' }[];
  dies: boolean;
  wrapped?: 'own cluster' | 'no loopback';
  /** The rules of relays, by the path of the kubeconfig that leads through them. */
  relays: ReadonlyMap<string, RelayRule>;
}

function failure(command: string, stderr: string): ExecError {
  return new ExecError(`helm ${command} failed`, { file: 'helm', exitCode: 1, stderr });
}

function failAsSet({ failures }: State, command: string, when: 'before' | 'applied'): void {
  const at = failures.findIndex((set) => set.command === command && set.when === when);
  const [found] = at < 0 ? [] : failures.splice(at, 1);
  if (found !== undefined) throw failure(command, found.stderr);
}

const historyOf = (state: State, release: string): Promise<readonly StoredRevision[]> =>
  openReleaseStore(state.kube, release, state.namespace, state.driver).history();

type Labels = StoredRevision['labels'];

/** Writes a revision into its object, as Helm does; one that is there keeps its labels. */
function write(state: State, record: ReleaseRecord, labels?: Labels): void {
  const { server, namespace, driver } = state;
  const { name, version, info } = record;
  const release = encodeRelease(record);
  const isSecret = driver === 'secret';
  const objectName = `sh.helm.release.v1.${name}.v${version}`;
  const there = server
    .objects(isSecret ? 'Secret' : 'ConfigMap', namespace)
    .find((object) => object.metadata.name === objectName);
  server.put({
    apiVersion: 'v1',
    kind: isSecret ? 'Secret' : 'ConfigMap',
    metadata: {
      name: objectName,
      namespace,
      labels: {
        ...(labels ?? there?.metadata.labels),
        name,
        owner: 'helm',
        status: info.status,
        version: String(version),
      },
    },
    ...(isSecret ? { type: 'helm.sh/release.v1' } : {}),
    data: { release: isSecret ? Buffer.from(release).toString('base64') : release },
  } as never);
}

function settle(
  state: State,
  record: ReleaseRecord,
  status: ReleaseStatus,
  description: string,
  labels?: Labels,
): void {
  write(state, { ...record, info: { ...record.info, status, description } }, labels);
}

/** Marks the revision deployed, and the one before superseded. */
async function deploy(state: State, record: ReleaseRecord, description: string): Promise<void> {
  for (const { revision, status, record: old } of await historyOf(state, record.name))
    if (revision !== record.version && status === 'deployed')
      settle(state, old, 'superseded', old.info.description ?? '');
  settle(state, record, 'deployed', description);
}

function pathOf(object: ManifestObject, namespace: string): string {
  const root = object.apiVersion.includes('/') ? '/apis' : '/api';
  const resource = `${object.kind.toLowerCase()}s`;
  return `${root}/${object.apiVersion}/namespaces/${namespace}/${resource}/${object.metadata.name}`;
}

async function apply(state: State, before: string, after: string): Promise<void> {
  const { kube, namespace } = state;
  const wanted = parseManifest(after);
  const options = { fieldManager: 'helm', force: true };
  for (const object of wanted) await kube.apply(pathOf(object, namespace), object.source, options);
  const kept = new Set(wanted.map((object) => pathOf(object, namespace)));
  for (const path of parseManifest(before).map((object) => pathOf(object, namespace)))
    if (!kept.has(path)) await kube.delete(path).catch(() => undefined);
}

async function isReady({ kube, namespace }: State, manifest: string): Promise<boolean> {
  for (const { kind, metadata } of parseManifest(manifest)) {
    if (kind !== 'Deployment') continue;
    const ref = { kind: 'deployment', name: metadata.name, namespace } as const;
    if (!(await readWorkload(kube, ref)).rollout.done) return false;
  }
  return true;
}

function render(state: State, release: string, chart: string, version: number): ReleaseRecord {
  const found = state.charts.get(chart);
  if (found === undefined) throw failure('upgrade', `Error: path "${chart}" not found`);
  return {
    name: release,
    namespace: state.namespace,
    version,
    info: {
      status: version === 1 ? 'pending-install' : 'pending-upgrade',
      last_deployed: new Date(state.clock.now()).toISOString(),
    },
    chart: { metadata: { name: chart, version: '1.0.0' } },
    config: found.values ?? {},
    manifest: found.manifest,
    hooks: found.hooks ?? [],
    ...(found.clientSide === true ? {} : { apply_method: 'ssa' }),
  };
}

/** Those of the revision before, and those of the flag over them. */
function labelsOf(before: Labels = {}, args: readonly string[]): Labels {
  const at = args.indexOf('--labels');
  const pairs = at < 0 ? [] : (args[at + 1] ?? '').split(',').map((pair) => pair.split('='));
  return { ...before, ...Object.fromEntries(pairs) } as Labels;
}

type Command = (state: State, args: readonly string[], options: ExecOptions) => Promise<string>;

/** The relay that Helm's kubeconfig leads through, if it does. */
function relayOf({ relays, wrapped }: State, { addEnv }: ExecOptions): RelayRule | undefined {
  const rule = relays.get(addEnv?.['KUBECONFIG'] ?? '');
  if (rule !== undefined && wrapped === 'no loopback')
    throw failure('upgrade', 'Error: Kubernetes cluster unreachable: connection refused');
  return wrapped === undefined ? rule : undefined;
}

/** Looks whether the cluster is there, as Helm does first of all. */
async function reach(state: State, options: ExecOptions): Promise<void> {
  const body = Buffer.alloc(0);
  await relayOf(state, options)?.({ method: 'GET', path: '/version', contentType: '', body });
}

/** Asks the relay whether the revision may be stored. */
async function askRelay(state: State, record: ReleaseRecord, options: ExecOptions): Promise<void> {
  const rule = relayOf(state, options);
  if (rule === undefined) return;
  const isSecret = state.driver === 'secret';
  const release = encodeRelease(record);
  const data = { release: isSecret ? Buffer.from(release).toString('base64') : release };
  const answer = await rule({
    method: 'POST',
    path: `/api/v1/namespaces/${state.namespace}/${isSecret ? 'secrets' : 'configmaps'}`,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ kind: isSecret ? 'Secret' : 'ConfigMap', data })),
  });
  options.signal?.throwIfAborted();
  if (answer !== 'pass') throw failure('upgrade', 'Error: UPGRADE FAILED: create: not let in');
}

const upgrade: Command = async (state, args, options) => {
  const { signal } = options;
  const [, release = '', chart = ''] = args;
  const [newest] = await historyOf(state, release);
  const record = render(state, release, chart, (newest?.revision ?? 0) + 1);
  if (args.includes('--dry-run=server')) return JSON.stringify(record);
  await reach(state, options);
  failAsSet(state, 'upgrade', 'before');
  if (newest?.status.startsWith('pending') === true)
    throw failure('upgrade', 'Error: another operation (install/upgrade/rollback) is in progress');
  await askRelay(state, record, options);
  write(state, record, labelsOf(newest?.labels, args));
  try {
    await apply(state, newest?.record.manifest ?? '', record.manifest ?? '');
    failAsSet(state, 'upgrade', 'applied');
    while (!(await isReady(state, record.manifest ?? ''))) await state.clock.sleep(pollMs, signal);
  } catch (error) {
    if (!state.dies || signal?.aborted !== true) settle(state, record, 'failed', 'Upgrade failed');
    throw error;
  }
  await deploy(state, record, 'Upgrade complete');
  return JSON.stringify({ ...record, info: { ...record.info, status: 'deployed' } });
};

const rollback: Command = async (state, args, { signal }) => {
  const [, release = '', revision = ''] = args;
  failAsSet(state, 'rollback', 'before');
  const history = await historyOf(state, release);
  const target = history.find((stored) => stored.revision === Number(revision));
  const [newest] = history;
  if (target === undefined || newest === undefined)
    throw failure('rollback', 'Error: release: not found');
  const record: ReleaseRecord = { ...target.record, version: newest.revision + 1 };
  settle(state, record, 'pending-rollback', 'Preparing rollback', target.labels);
  if (state.dies) signal?.throwIfAborted();
  await apply(state, newest.record.manifest ?? '', record.manifest ?? '');
  await deploy(state, record, `Rollback to ${revision}`);
  return '';
};

const uninstall: Command = async (state, args) => {
  const [, release = ''] = args;
  failAsSet(state, 'uninstall', 'before');
  const [newest] = await historyOf(state, release);
  await apply(state, newest?.record.manifest ?? '', '');
  const kind = state.driver === 'secret' ? 'Secret' : 'ConfigMap';
  for (const stored of state.server.objects(kind, state.namespace))
    if (stored.metadata.name.startsWith(`sh.helm.release.v1.${release}.`))
      state.server.remove(stored);
  return '';
};

const steps: Readonly<Record<string, Command>> = { upgrade, rollback, uninstall };

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
  driver?: StorageDriver;
  relays?: ReadonlyMap<string, RelayRule>;
}): FakeHelm {
  const { driver = 'secret', relays = new Map<string, RelayRule>() } = ports;
  const shared = { charts: new Map<string, FakeChart>(), failures: [], dies: false };
  const state: State = { ...ports, ...shared, driver, relays };
  const commands: string[] = [];
  return {
    tool: { path: 'helm', version: '4.2.3', major: 4 },
    driver,
    commands,
    run: async (args, options = {}) => {
      const [command = ''] = args;
      commands.push(args.includes('--dry-run=server') ? `${command} --dry-run` : command);
      options.signal?.throwIfAborted();
      const step = steps[command];
      if (step === undefined) throw new Error(`helm ${command} is not played.`);
      if (args[args.indexOf('--namespace') + 1] !== ports.namespace)
        throw new Error('Another namespace was named.');
      try {
        return { exitCode: 0, stdout: await step(state, args, options), stderr: '', durationMs: 0 };
      } catch (error) {
        if (error instanceof KubeError) throw failure(command, `Error: ${error.message}`);
        throw error;
      }
    },
    setChart: (name, chart) => {
      state.charts.set(name, chart);
    },
    dieWhenInterrupted: () => {
      state.dies = true;
    },
    wrap: (how) => {
      state.wrapped = how;
    },
    failNext: (command, stderr, when = 'before') => {
      state.failures.push({ command, stderr, when });
    },
  };
}
