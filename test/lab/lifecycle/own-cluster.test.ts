import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cacheFolder, type Env } from '../places/cache-folder.ts';
import { isRunning } from '../process/daemon.ts';
import { helloManifest } from '../cluster/hello-manifest.ts';
import { eventually, kubectlOf, type Kubectl } from '../cluster/kubectl.ts';
import { layoutOf, startLab, stopLab, useLab, type Lab } from '../lab.ts';
import { readOwnCluster } from './own-cluster.ts';
import { buildPrograms } from '../build/programs.ts';
import { pushProgram } from '../images/push-image.ts';
import { silentReporter } from '../session/reporter.ts';
import { readState } from '../session/state.ts';

// The lab's own cluster stands in for one that the user has: all that is known of it is a kubeconfig.
jest.setTimeout(120_000);

const namespace = 'lab-own-cluster-test';
let scratch = '';
let theirs: Lab;
let env: Env = {};
let kubectl: Kubectl;

beforeAll(async () => {
  theirs = await useLab();
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-own-'));
  env = {
    ...process.env,
    SLIPWAY_KUBECONFIG: theirs.kubeconfig,
    SLIPWAY_LAB_STATE: scratch,
    SLIPWAY_LAB_NAME: 'own',
  };
  kubectl = kubectlOf(theirs, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  await kubectl('create', 'namespace', namespace);
}, 1_800_000);

afterAll(async () => {
  await stopLab(env);
  await kubectl('delete', 'namespace', namespace, '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

test('the environment names cluster, registry and Prometheus', () => {
  expect(readOwnCluster({})).toBeUndefined();
  expect(
    readOwnCluster({
      SLIPWAY_KUBECONFIG: '/k',
      SLIPWAY_REGISTRY: 'registry.example:5000',
      SLIPWAY_PROMETHEUS_URL: 'https://prometheus.example/',
    }),
  ).toEqual({
    kubeconfig: '/k',
    registry: 'registry.example:5000',
    prometheusUrl: 'https://prometheus.example',
  });
});

test('beside a cluster of the user only what it lacks is started', async () => {
  const given = { ...env, SLIPWAY_REGISTRY: theirs.registry };
  const lab = await startLab({ env: given, reporter: silentReporter });
  expect(lab).toMatchObject({
    kubeconfig: theirs.kubeconfig,
    apiServer: theirs.apiServer,
    registry: theirs.registry,
  });
  expect(lab.prometheusUrl).not.toBe(theirs.prometheusUrl);
  const names = Object.keys((await readState(layoutOf(env)))?.daemons ?? {}).sort();
  expect(names).toEqual(['cache-service', 'kubectl-proxy', 'prometheus', 'services']);
});

test('its Prometheus scrapes annotated pods through the API server', async () => {
  const given = { ...env, SLIPWAY_REGISTRY: theirs.registry };
  const lab = await startLab({ env: given, reporter: silentReporter });
  const programs = await buildPrograms(cacheFolder(env, os.homedir()), env);
  const pushed = { registry: lab.registry, repository: 'lab/hello', tag: 'own' };
  await pushProgram({ ...pushed, program: programs.hello });
  const file = path.join(scratch, 'manifest.json');
  await writeFile(file, helloManifest({ name: 'own', image: `${lab.registry}/lab/hello:own` }));
  await kubectl('apply', '-f', file);
  const query = encodeURIComponent(`up{namespace="${namespace}",app="own"}`);
  const series = await eventually(
    async () => {
      const answer = await fetch(`${lab.prometheusUrl}/api/v1/query?query=${query}`);
      const { data } = (await answer.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result;
    },
    ([one]) => one?.value[1] === '1',
  );
  expect(series[0]?.metric['instance']).toMatch(/^10\..*:8080$/);
  expect(series[0]?.metric).toMatchObject({ namespace, job: 'pods' });
});

test('a cluster that does not answer is told with its kubeconfig', async () => {
  const kubeconfig = path.join(scratch, 'dead.yaml');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'dead',
      clusters: [{ name: 'dead', cluster: { server: 'http://127.0.0.1:2' } }],
      contexts: [{ name: 'dead', context: { cluster: 'dead', user: 'dead' } }],
      users: [{ name: 'dead', user: {} }],
    }),
  );
  const starting = startLab({
    env: { ...env, SLIPWAY_KUBECONFIG: kubeconfig },
    reporter: silentReporter,
  });
  await expect(starting).rejects.toThrow(/dead\.yaml does not answer: .*refused/);
});

test('a kubeconfig that is not there is told', async () => {
  const starting = startLab({
    env: { ...env, SLIPWAY_KUBECONFIG: '/not/there' },
    reporter: silentReporter,
  });
  await expect(starting).rejects.toThrow('There is no kubeconfig /not/there.');
});

test('down ends what was started and leaves the cluster alone', async () => {
  const daemons = Object.values((await readState(layoutOf(env)))?.daemons ?? {});
  expect(daemons.length).toBeGreaterThan(0);
  await stopLab(env);
  expect(daemons.filter(isRunning)).toEqual([]);
  expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
});
