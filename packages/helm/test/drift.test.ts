import { describe, expect, test } from '@jest/globals';
import { fakeApiServer, steppedClock } from '@slipway/testing';
import { findDrift, parseManifest, type Drift } from '../src/release/index.ts';

const namespace = 'shop';

function manifest(kind: string, apiVersion: string, rest: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: api }\n${rest}\n`;
}

const deployment = manifest(
  'Deployment',
  'apps/v1',
  `spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: main
          image: good:1
          env: [{ name: A, value: one }, { name: A, value: two }]`,
);

/** Every manager of a field, as the API server writes them down. */
type Managers = readonly { manager: string; subresource?: string; fieldsV1: object }[];

/** What differs between a manifest and a cluster that has `live`; undefined for nothing there. */
async function driftOf(yaml: string, live?: object, managers: Managers = []): Promise<Drift[]> {
  const server = fakeApiServer({ clock: steppedClock(), namespaces: [namespace] });
  const [object] = parseManifest(yaml);
  if (object === undefined) throw new Error('The manifest has no object.');
  if (live !== undefined)
    server.put({
      ...{ apiVersion: object.apiVersion, kind: object.kind },
      metadata: { name: 'api', namespace, managedFields: managers },
      ...live,
    } as never);
  return [...(await findDrift(server.client(), [object], namespace))];
}

function liveDeployment(replicas: number, image = 'good:1'): object {
  const env = ['one', 'two'].map((value) => ({ name: 'A', value }));
  const main = { name: 'main', image, imagePullPolicy: 'Always', env };
  return { spec: { replicas, template: { spec: { containers: [main] } } } };
}

describe('the cluster is', () => {
  test('as the manifest says, also with defaults and a variable that is there twice', async () => {
    expect(await driftOf(deployment, liveDeployment(1))).toEqual([]);
  });

  test('different where somebody changed a value and owns it, who is named', async () => {
    const scaled = {
      manager: 'kubectl',
      subresource: 'scale',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    };
    expect(await driftOf(deployment, liveDeployment(3), [scaled])).toEqual([
      {
        object: 'Deployment/api',
        how: 'differs at spec.replicas',
        certain: true,
        keptBy: 'kubectl',
      },
    ]);
  });

  test('different for Helm to mend where nobody else owns the value', async () => {
    const helm = { manager: 'helm', fieldsV1: { 'f:spec': { 'f:replicas': {} } } };
    const [drift] = await driftOf(deployment, liveDeployment(3), [helm]);
    expect(drift).toEqual({
      object: 'Deployment/api',
      how: 'differs at spec.replicas',
      certain: true,
    });
  });

  test('different for Helm to mend when only one of two values has another owner', async () => {
    const set = {
      manager: 'kubectl-set',
      fieldsV1: {
        'f:spec': {
          'f:template': {
            'f:spec': { 'f:containers': { 'k:{"name":"main"}': { 'f:image': {} } } },
          },
        },
      },
    };
    const [both] = await driftOf(deployment, liveDeployment(3, 'bad:1'), [set]);
    expect(both).not.toHaveProperty('keptBy');
    const [one] = await driftOf(deployment, liveDeployment(1, 'bad:1'), [set]);
    expect(one).toMatchObject({
      how: 'differs at spec.template.spec.containers.0.image',
      keptBy: 'kubectl-set',
    });
  });

  test.each<[string, string, readonly string[]]>([
    ['a job that is gone', 'spec: { parallelism: 1 }', ['Job/api missing']],
    ['no job that the cluster takes away by itself', 'spec: { ttlSecondsAfterFinished: 5 }', []],
  ])('missing %s', async (_, spec, expected) => {
    const drift = await driftOf(manifest('Job', 'batch/v1', spec));
    expect(drift.map(({ object, how }) => `${object} ${how}`)).toEqual(expected);
  });
});
