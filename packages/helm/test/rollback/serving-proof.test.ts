import { describe, expect, test } from '@jest/globals';
import { isReady, type Pod } from '@slipway/kube';
import { manifestOf, releaseScene, whenRevision, type ReleaseScene } from '../release-scene.ts';
import { upgradeRelease } from '../../src/index.ts';
import { rollback } from './rolled-back.ts';

const service = `---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: api }, ports: [{ port: 80 }] }
`;

/** Fills the EndpointSlice of the Service with what `keep` says of the pods, as its controller does. */
function runEndpoints(scene: ReleaseScene, keep: (pod: Pod) => boolean = isReady): void {
  const { server } = scene;
  server.onChange(({ object }) => {
    if (object.kind !== 'Pod') return;
    const endpoints = (server.objects('Pod', 'shop') as Pod[]).map((pod) => ({
      addresses: ['10.0.0.1'],
      targetRef: { kind: 'Pod', name: pod.metadata?.name, uid: pod.metadata?.uid },
      conditions: { ready: keep(pod) },
    }));
    server.put({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'web-1',
        namespace: 'shop',
        labels: { 'kubernetes.io/service-name': 'web' },
      },
      endpoints,
    } as never);
  });
}

async function deploy(scene: ReleaseScene, image: string): Promise<void> {
  scene.helm.setChart('app', { manifest: manifestOf(image, service) });
  await scene.finish(upgradeRelease(scene.ports, scene.request()));
}

/** Two good revisions with a Service. */
async function served(keep?: (pod: Pod) => boolean): Promise<ReleaseScene> {
  const scene = releaseScene();
  runEndpoints(scene, keep);
  await deploy(scene, 'good:1');
  await deploy(scene, 'good:2');
  return scene;
}

/** Changes the pods that are there a second after the rollback has deployed its revision. */
function changePods(scene: ReleaseScene, change: (pod: Pod) => Pod): void {
  whenRevision(scene, '3 deployed', () =>
    scene.clock.after(1_500, () => {
      for (const pod of scene.server.objects('Pod', 'shop')) scene.server.put(change(pod as Pod));
    }),
  );
}

function restarted(pod: Pod): Pod {
  const containerStatuses = pod.status?.containerStatuses?.map((one) => ({
    ...one,
    restartCount: one.restartCount + 1,
  }));
  return { ...pod, status: { ...pod.status, ...(containerStatuses ? { containerStatuses } : {}) } };
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const imageId = (letter: string): string => `registry.test/api@${digest(letter)}`;

/** Says of the containers of each new pod what `say` makes of the one that its template has. */
function runImages(
  scene: ReleaseScene,
  say: (status: ContainerStatus) => readonly ContainerStatus[],
): void {
  scene.server.onChange(({ object, gone }) => {
    const pod = object as Pod;
    const [status] = pod.status?.containerStatuses ?? [];
    if (object.kind !== 'Pod' || gone || status?.imageID !== '') return;
    scene.server.put({ ...pod, status: { ...pod.status, containerStatuses: [...say(status)] } });
  });
}

describe('the proof of a rollback', () => {
  test('holds when every pod gets requests and none is restarted', async () => {
    expect(await rollback(await served())).toMatchObject({ newRevision: 3, proven: true });
  });

  test('waits for endpoints that come a little later', async () => {
    let isFilled = true;
    const scene = await served((pod) => isFilled && isReady(pod));
    isFilled = false;
    whenRevision(scene, '3 deployed', () =>
      scene.clock.after(4_000, () => {
        isFilled = true;
        const [pod] = scene.server.objects('Pod', 'shop');
        if (pod !== undefined) scene.server.put(pod);
      }),
    );
    expect(await rollback(scene)).toMatchObject({ proven: true });
  });

  test('fails on pods that no request reaches', async () => {
    const scene = await served(({ metadata }) => metadata?.name?.endsWith('-1') === true);
    const result = await rollback(scene);
    expect(result.proven).toBe(false);
    expect(result.why).toMatch(
      /^service\/web sends no requests to 1 of 2 ready pods: pod\/api-[0-9a-f]+-0 is not among the ready ones of its EndpointSlices$/,
    );
  });

  test('cannot be had without the right to read EndpointSlices, and names it', async () => {
    const scene = await served();
    scene.server.forbid('list', 'endpointslices');
    const result = await rollback(scene);
    expect(result).toMatchObject({ newStatus: 'deployed', proven: false });
    expect(result.why).toContain(
      'service/web: whether it sends requests to the pods cannot be told',
    );
    expect(result.why).toContain('grant list on endpointslices.discovery.k8s.io');
    // A right that is missing is not there in a moment either.
    const asked = scene.server.requests.filter(({ path }) => path.endsWith('/endpointslices'));
    expect(asked).toHaveLength(1);
  });

  test('fails on a pod that is restarted right after', async () => {
    const scene = await served();
    changePods(scene, restarted);
    const result = await rollback(scene);
    expect(result.proven).toBe(false);
    expect(result.why).toMatch(/pod\/api-\S+-0 was restarted while it was watched for 5s/);
  });

  test('does not count restarts of before', async () => {
    const scene = releaseScene();
    runEndpoints(scene);
    scene.server.onChange(({ object, gone }) => {
      const [status] = (object as Pod).status?.containerStatuses ?? [];
      if (object.kind === 'Pod' && !gone && status?.restartCount === 0)
        scene.server.put(restarted(object as Pod));
    });
    await deploy(scene, 'good:1');
    await deploy(scene, 'good:2');
    expect(await rollback(scene)).toMatchObject({ proven: true });
  });

  test('fails on another image under the same name', async () => {
    const scene = releaseScene();
    runEndpoints(scene);
    const wanted = { letter: 'a' };
    runImages(scene, (status) => [{ ...status, imageID: imageId(wanted.letter) }]);
    await deploy(scene, 'good:1');
    const images = { 'shop/deployment/api': { main: [digest('a')] } };
    await deploy(scene, 'good:2');
    expect(await rollback(scene, { images })).toMatchObject({ newRevision: 3, proven: true });
    wanted.letter = 'b';
    await deploy(scene, 'good:3');
    const result = await rollback(scene, { images });
    expect(result.why).toBe(
      `deployment/api: main runs ${digest('b')}, before it was ${digest('a')}`,
    );
  });

  test('holds when a mesh puts its newer proxy beside the containers of the template', async () => {
    const scene = releaseScene();
    runEndpoints(scene);
    runImages(scene, (status) => [
      { ...status, imageID: imageId('a') },
      { ...status, name: 'proxy', imageID: imageId('c') },
    ]);
    await deploy(scene, 'good:1');
    await deploy(scene, 'good:2');
    const images = { 'shop/deployment/api': { main: [digest('a')], proxy: [digest('b')] } };
    expect(await rollback(scene, { images })).toMatchObject({ newRevision: 3, proven: true });
  });
});
