/* eslint jest/no-standalone-expect: off -- the checks of the table run inside test.each */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { runnerGraceMs, type BundleResult } from '@slipway/testing';
import { load } from 'js-yaml';
import { root } from '../../tools/manifest.ts';
import { openVerifyFixture, pushBuilt, type VerifyFixture } from './verify-fixture.ts';

jest.setTimeout(600_000);

/** Runs at most `width` tasks at once, so that the two cores of a small machine keep up. */
function pool(width: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await task();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

const atOnce = pool(3);

interface Case {
  name: string;
  run: (fixture: VerifyFixture) => Promise<BundleResult>;
  check: (result: BundleResult, fixture: VerifyFixture) => void | Promise<void>;
}

const one = { replicaCount: 1 };

/** Nothing listens there: a port below 1024 that the system gives to nobody by chance. */
const nobody = '127.0.0.1:2';

const verdictOf = (result: BundleResult): string | undefined => result.outputs['verdict'];

const reading = [
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
];

/** The rules that docs/cluster-access tells users to grant. */
function documentedRules(): readonly object[] {
  const file = path.join(root, 'docs', 'cluster-access', 'verify-health.yaml');
  return (load(readFileSync(file, 'utf8')) as { rules: object[] }).rules;
}

const cases: Record<string, Case> = {
  healthy: {
    name: 'that serves is healthy, with what it rests on',
    run: async (fixture) => {
      await fixture.release();
      return await fixture.verify();
    },
    check: (result) => {
      expect(result.outputs).toMatchObject({
        verdict: 'healthy',
        'rollback-needed': 'false',
        'rolled-back': 'false',
      });
      expect(result.exitCode).toBe(0);
      expect(result.summary).toContain('| error share | holds: 0 of ');
    },
  },
  errors: {
    name: 'that fails 20 % of its requests is unhealthy and rolled back, and the old pods serve',
    run: async (fixture) => {
      await fixture.release();
      await fixture.rolledOut();
      await fixture.release({ faults: { errorShare: '0.2' } });
      return await fixture.verify({ 'on-unhealthy': 'rollback', 'min-soak': '50s' });
    },
    check: async (result, fixture) => {
      expect(result.outputs).toMatchObject({
        verdict: 'unhealthy',
        'rollback-needed': 'false',
        'rolled-back': 'true',
      });
      expect(result.outputs['cause']).toMatch(/^error share: \d+ of \d+ requests, [12]\d\.\d %/);
      expect(result.exitCode).toBe(1);
      expect(await fixture.helm('history', 'api', '-o', 'json')).toContain('"Rollback to 1"');
      await fixture.rolledOut();
      const env = await fixture.kubectl('get', 'deployment', 'api', '-o', 'jsonpath={..env}');
      expect(env).not.toContain('FAULT_ERROR_SHARE');
    },
  },
  oldErrors: {
    name: 'is not blamed for the errors of the pods it replaces',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { errorShare: '1' } });
      await fixture.rolledOut();
      await fixture.release(one);
      return await fixture.verify();
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('healthy');
    },
  },
  flapping: {
    name: 'whose readiness comes and goes is unhealthy',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { readyFlap: '5s' } });
      return await fixture.verify({ 'min-soak': '20s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/stopped being ready|requests to pod\/.* failed/);
      expect(result.outputs['rollback-needed']).toBe('true');
    },
  },
  crash: {
    name: 'that crashes after 15 s is unhealthy, with its last words kept harmless',
    run: async (fixture) => {
      const lastWords = '::error::owned';
      await fixture.release({ ...one, faults: { exitAfter: '15s', lastWords } });
      return await fixture.verify({ 'min-soak': '30s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/exit code 1/);
      expect(result.summary).toContain('owned');
      const commands = result.stdout.split('\n').filter((line) => line.startsWith('::error'));
      expect(commands).toHaveLength(1);
      expect(commands[0]).toMatch(/^::error title=api is unhealthy::/);
    },
  },
  oom: {
    name: 'that leaks until it is killed is unhealthy, with the limit named',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { leak: '6MiB/s' } });
      return await fixture.verify({ 'min-soak': '40s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toContain('OOMKilled');
    },
  },
  noImage: {
    name: 'whose image does not exist is unhealthy long before its deadline, in the registry’s words',
    run: async (fixture) => {
      await fixture.release({ ...one, tag: 'missing' });
      return await fixture.verify({ deadline: '150s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/(ErrImagePull|ImagePullBackOff): .*not found/);
      expect(result.durationMs).toBeLessThan(150_000);
    },
  },
  neverReady: {
    name: 'that never becomes ready is unhealthy at the deadline, with the probe’s answer',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { neverReady: 'true' } });
      return await fixture.verify({ deadline: '20s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toContain('Readiness probe failed: HTTP probe failed with');
    },
  },
  metricsClosed: {
    name: 'whose metrics cannot be scraped is not observed, and does not pass',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { metricsClosed: 'true' } });
      return await fixture.verify();
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toMatch(/^up: Prometheus cannot scrape .*refused/);
      expect(result.outputs['rollback-needed']).toBe('false');
      expect(result.exitCode).toBe(1);
    },
  },
  otherLabel: {
    name: 'whose counter has another label than usual is judged by it all the same',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { wrongLabel: 'true', errorShare: '1' } });
      return await fixture.verify();
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/^error share: /);
      expect(result.stdout).toContain('code in status');
    },
  },
  wrongLabel: {
    name: 'whose counter has not the label that is named gives not enough evidence, with the labels named',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { wrongLabel: 'true', errorShare: '1' } });
      return await fixture.verify({ 'code-label': 'code' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('not-enough-evidence');
      expect(result.outputs['cause']).toMatch(/no label "code", only .*status/);
    },
  },
  noTraffic: {
    name: 'without traffic gives not enough evidence',
    run: async (fixture) => {
      await fixture.release({ ...one, selfTraffic: '0/s' });
      return await fixture.verify({ probes: 'none', deadline: '25s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('not-enough-evidence');
      expect(result.outputs['cause']).toMatch(/^error share: /);
    },
  },
  prometheusDown: {
    name: 'is not observed while Prometheus is down',
    run: async (fixture) => {
      await fixture.release(one);
      return await fixture.verify({ 'prometheus-url': `http://${nobody}` });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain(`up: Prometheus ${nobody} could not be reached`);
    },
  },
  apiServerDown: {
    name: 'is not observed when the API server cannot be reached',
    run: async (fixture) => {
      const kubeconfig = fixture.kubeconfigText.replace(/server: \S+/, `server: https://${nobody}`);
      return await fixture.verify({ kubeconfig, deadline: '15s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('the connection was refused');
    },
  },
  noProxyRight: {
    name: 'is not observed when the right to probe is missing, which is named',
    run: async (fixture) => {
      await fixture.release(one);
      return await fixture.verify({ kubeconfig: await fixture.restrictedKubeconfig(reading) });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('these credentials lack get pods/proxy');
      expect(result.stdout).toContain('credentials lack list events, get pods/log');
      // A soak is not waited for.
      expect(result.stdout).not.toMatch(/soak [1-9]/);
    },
  },
  documentedRole: {
    name: 'is healthy for an account with the role of docs/cluster-access, and no right is missed',
    run: async (fixture) => {
      await fixture.release(one);
      const kubeconfig = await fixture.restrictedKubeconfig(documentedRules());
      return await fixture.verify({ kubeconfig });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('healthy');
      expect(result.stdout).not.toContain('these credentials lack');
    },
  },
  noRights: {
    name: 'is not observed when it may not even be read, with every missing right named',
    run: async (fixture) =>
      await fixture.verify({ kubeconfig: await fixture.restrictedKubeconfig([]) }),
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain(
        'lack get deployments.apps, list pods, watch pods, list replicasets.apps in namespace',
      );
    },
  },
  notThere: {
    name: 'that is not there is not observed, and the inputs to correct are named',
    run: async (fixture) => await fixture.verify(),
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.stdout).toContain('Correct the inputs workload and namespace.');
    },
  },
  wrongPath: {
    name: 'is not blamed for a probe path that does not exist',
    run: async (fixture) => {
      await fixture.release(one);
      return await fixture.verify({ probes: '/helathz' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('status 404');
    },
  },
  superseded: {
    name: 'that another one replaces meanwhile is no longer judged, and nothing is rolled back',
    run: async (fixture) => {
      await fixture.release(one);
      await fixture.rolledOut();
      const soaking = Promise.withResolvers<undefined>();
      const verification = fixture.verify(
        { 'min-soak': '40s', 'on-unhealthy': 'rollback' },
        { onOutput: (piece) => piece.includes('soak') && soaking.resolve(undefined) },
      );
      await Promise.race([soaking.promise, verification]);
      await fixture.release({ ...one, faults: { errorShare: '1' } });
      return await verification;
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('another revision');
      expect(result.outputs['rolled-back']).toBe('false');
    },
  },
  assertions: {
    name: 'is judged by the user’s own assertions too',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { latency: '300ms' } });
      const mean = ['sum', 'count'].map(
        (part) => `sum(rate(http_request_duration_seconds_${part}{$scope}[$window]))`,
      );
      const assertions = `- { name: mean latency, query: '${mean.join(' / ')}', must: '< 0.2' }`;
      return await fixture.verify({ assertions, 'min-soak': '30s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/^mean latency: 0\.3.* must be < 0\.2/);
    },
  },
  report: {
    name: 'that is unhealthy does not fail the job when it is only reported',
    run: async (fixture) => {
      await fixture.release({ ...one, tag: 'missing' });
      return await fixture.verify({ 'on-unhealthy': 'report' });
    },
    check: (result) => {
      expect(result.outputs).toMatchObject({ verdict: 'unhealthy', 'rollback-needed': 'true' });
      expect(result.exitCode).toBe(0);
    },
  },
};

describe('a release', () => {
  const fixtures: VerifyFixture[] = [];
  const results = new Map<string, Promise<{ result: BundleResult; fixture: VerifyFixture }>>();

  beforeAll(() => {
    for (const [key, { run }] of Object.entries(cases)) {
      const started = atOnce(async () => {
        const fixture = await openVerifyFixture(key.toLowerCase());
        fixtures.push(fixture);
        return { result: await run(fixture), fixture };
      });
      // A case that fails does so in its own test.
      started.catch(() => undefined);
      results.set(key, started);
    }
  });
  afterAll(async () => {
    await Promise.all(fixtures.map((fixture) => fixture.close()));
  });

  test.each(Object.entries(cases).map(([key, { name }]) => [name, key]))('%s', async (_, key) => {
    const outcome = await results.get(key);
    if (outcome === undefined) throw new Error(`The case ${key} was not run.`);
    expect.hasAssertions();
    await cases[key]?.check(outcome.result, outcome.fixture);
  });
});

describe('a hostile service', () => {
  let fixture: VerifyFixture;
  let image: string;
  beforeAll(async () => {
    fixture = await openVerifyFixture('hostile');
    image = await pushBuilt(fixture.lab.registry, 'verify-hostile', 'verify-hostile', '.');
  }, 600_000);
  afterAll(async () => {
    await fixture.close();
  });

  const deploy = async (name: string, env: readonly object[]): Promise<void> => {
    const labels = { app: name };
    await fixture.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: fixture.namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'main',
                image: `${image}:test`,
                env,
                ports: [{ containerPort: 8080 }],
                readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    });
  };

  test('passes by its statuses, however large or long its answers are', async () => {
    await deploy('big', []);
    const result = await fixture.verify({
      workload: 'big',
      probes: '/huge\n/endless\n/drip\n/attack',
      'probe-timeout': '1s',
      'prometheus-url': '',
      'min-soak': '4s',
    });
    expect(result.outputs['verdict']).toBe('healthy');
  });

  test('cannot issue a workflow command or write HTML into the summary', async () => {
    await deploy('sick', [{ name: 'SICK', value: '1' }]);
    const result = await fixture.verify({
      workload: 'sick',
      probes: '/attack',
      'prometheus-url': '',
      'min-soak': '20s',
    });
    expect(result.outputs['verdict']).toBe('unhealthy');
    expect(result.outputs['cause']).toContain('status 500');
    const lines = result.stdout.split('\n');
    expect(lines.filter((line) => /^\s*::(error|set-output)/.test(line))).toHaveLength(1);
    expect(result.stdout).not.toContain('##[error]');
    const outsideOfCode = result.summary.replace(/<pre>.*?<\/pre>/gs, '');
    expect(outsideOfCode).not.toMatch(/\]\(https/);
    expect(result.summary).not.toMatch(/<script|<img/);
    expect(result.summary).toContain('owned by a pod');
  });

  test('that imitates the API server’s refusal cannot pass', async () => {
    await deploy('mime', []);
    const result = await fixture.verify({
      workload: 'mime',
      probes: '/imitation',
      'prometheus-url': '',
      'min-soak': '4s',
    });
    expect(result.outputs['verdict']).toBe('cannot-observe');
  });
});

test('a cancelled job ends before the runner insists and leaves the certificate of what was seen', async () => {
  const fixture = await openVerifyFixture('cancel');
  const cancelled = async (): Promise<BundleResult> => {
    await fixture.release(one);
    return await fixture.verify(
      { 'min-soak': '50s' },
      { signals: [{ signal: 'SIGINT', afterLine: 'soak' }] },
    );
  };
  const result = await cancelled().finally(() => fixture.close());
  expect(result.exitCode).toBe(130);
  expect(result.sinceSignalMs).toBeLessThan(runnerGraceMs);
  expect(Object.keys(result.outputs).sort()).toEqual([
    'certificate',
    'certificate-predicate',
    'certificate-subjects',
    'chart',
  ]);
});
