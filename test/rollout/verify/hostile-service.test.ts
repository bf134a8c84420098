import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openVerifyFixture, pushBuilt, type VerifyFixture } from './verify-fixture.ts';

jest.setTimeout(600_000);

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
