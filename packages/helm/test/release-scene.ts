import {
  fakeApiServer,
  fakeLog,
  steppedClock,
  type FakeApiServer,
  type SteppedClock,
} from '@slipway/testing';
import {
  openReleaseStore,
  upgradeRelease,
  type Operation,
  type ReleasePorts,
  type Scratch,
  type StorageDriver,
  type UpgradePlan,
  type UpgradeRequest,
} from '../src/index.ts';
import type { Relay, RelayRule } from '@slipway/kube';
import { runDeployments } from './deployment-controller.ts';
import { fakeHelm, type FakeHelm } from './fake-helm.ts';

/** A cluster, a Helm and a clock, and what works on a release needs of them. */
export interface ReleaseScene {
  clock: SteppedClock;
  server: FakeApiServer;
  helm: FakeHelm;
  log: ReturnType<typeof fakeLog>;
  ports: ReleasePorts;
  cancel: AbortController;
  /** Makes an upgrade hold its Helm before the first write: `request({ scratch })`. */
  scratch: Scratch;
  /** An upgrade of `api` to the chart `app`, as an action asks for it. */
  request: (more?: Partial<UpgradeRequest>) => UpgradeRequest;
  /** Moves the time on until the work is done; throws what it throws. */
  finish: <T>(work: Promise<T>) => Promise<T>;
  /** The revisions, the newest first: `2 deployed`. */
  history: () => Promise<readonly string[]>;
}

const plan: UpgradePlan = {
  release: 'api',
  namespace: 'shop',
  chart: 'app',
  valueFiles: [],
  wait: true,
  waitForJobs: false,
  historyMax: 10,
  forceConflicts: false,
  crds: 'create',
  hooks: true,
  takeOwnership: false,
  schemaValidation: true,
  description: '',
  labels: {},
  postRenderer: undefined,
};

/** A deployment `api` of two pods with this image, and a config map. */
export function manifestOf(image: string, more = ''): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: main, image: '${image}' }] }
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data: { image: '${image}' }
${more}`;
}

/** Relays and kubeconfigs without a network and a disk, which would not wait for the scene's clock. */
function memoryRelays() {
  const texts = new Map<string, RelayRule>();
  const relays = new Map<string, RelayRule>();
  const relay = (rule: RelayRule): Promise<Relay> => {
    const kubeconfig = `relay-${texts.size + 1}`;
    texts.set(kubeconfig, rule);
    const close = (): Promise<void> => Promise.resolve();
    return Promise.resolve({ kubeconfig, token: 'of-the-relay', close });
  };
  const scratch: Scratch = {
    write: (text) => {
      const rule = texts.get(text);
      if (rule !== undefined) relays.set(text, rule);
      return Promise.resolve(text);
    },
    remove: (file) => Promise.resolve(void relays.delete(file)),
  };
  return { relay, scratch, relays };
}

/** A namespace `shop` without a release; the chart `app` has the image `good:1`. */
export function releaseScene(driver: StorageDriver = 'secret'): ReleaseScene {
  const clock = steppedClock();
  const server = fakeApiServer({ clock, namespaces: ['shop'] });
  runDeployments(server, clock);
  const log = fakeLog();
  const cancel = new AbortController();
  const { relay, scratch, relays } = memoryRelays();
  const helm = fakeHelm({
    server,
    kube: server.client(),
    clock,
    namespace: 'shop',
    driver,
    relays,
  });
  helm.setChart('app', { manifest: manifestOf('good:1') });
  const kube = { ...server.client({ log, signal: cancel.signal }), relay };
  const store = openReleaseStore(server.client(), 'api', 'shop', driver);
  return {
    clock,
    server,
    helm,
    log,
    cancel,
    scratch,
    ports: { helm, kube, clock, log, signal: cancel.signal, redact: (text) => text },
    request: (more) => ({
      plan,
      timeoutMs: 120_000,
      maxRetries: 2,
      keepFailed: false,
      test: false,
      failFast: 'normal',
      owner: 'this-job',
      maskSecret: () => undefined,
      onBegin: () => undefined,
      ...more,
    }),
    finish: async (work) => {
      const ended = { yet: false };
      const end = (): void => {
        ended.yet = true;
      };
      work.then(end, end);
      for (let steps = 0; !ended.yet && steps < 4_000; steps += 1) await clock.advance(250);
      if (!ended.yet) throw new Error('The work did not end within 1000 s of the clock.');
      return await work;
    },
    history: async () => {
      const found = await store.history();
      return found.map(({ revision, status }) => `${revision} ${status}`);
    },
  };
}

/** Calls `act` once Helm has made this revision: `2 pending-upgrade`. */
export function whenRevision(scene: ReleaseScene, wanted: string, act: () => void): void {
  const end = scene.server.onChange(({ object }) => {
    const { version = '', status = '' } = object.metadata.labels ?? {};
    if (object.metadata.labels?.['owner'] !== 'helm' || `${version} ${status}` !== wanted) return;
    end();
    act();
  });
}

/** Another job in the same cluster, which can be cancelled for itself. */
export function anotherJob(scene: ReleaseScene): { ports: ReleasePorts; cancel: AbortController } {
  const cancel = new AbortController();
  const kube = scene.server.client({ signal: cancel.signal });
  return { cancel, ports: { ...scene.ports, kube, signal: cancel.signal } };
}

/** An upgrade by `owner` that dies in the middle with its Helm, and what it had noted. */
export async function leftPending(scene: ReleaseScene, owner: string): Promise<Operation> {
  const { ports, cancel } = anotherJob(scene);
  const noted: Operation[] = [];
  scene.helm.setChart('app', { manifest: manifestOf('slow:2') });
  scene.helm.dieWhenInterrupted();
  whenRevision(scene, '2 pending-upgrade', () => cancel.abort(new Error('killed')));
  const onBegin = (operation: Operation): void => void noted.push(operation);
  const dead = upgradeRelease(ports, scene.request({ owner, onBegin }));
  await scene.finish(dead).catch(() => undefined);
  const [operation] = noted;
  if (operation === undefined) throw new Error('The upgrade had not begun.');
  return operation;
}
