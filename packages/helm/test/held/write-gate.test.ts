import { describe, expect, test } from '@jest/globals';
import type { RelayAnswer, RelayedRequest } from '@slipway/kube';
import { fakeApiServer, fakeClock } from '@slipway/testing';
import { UnforeseenWriteError } from '../../src/held/index.ts';
import { writeGate } from '../../src/held/write-gate.ts';
import { encodeRelease, type ReleaseRecord } from '../../src/release/record.ts';

const secrets = '/api/v1/namespaces/shop/secrets';
const record: ReleaseRecord = {
  name: 'api',
  namespace: 'shop',
  version: 3,
  info: { status: 'pending-upgrade' },
  manifest: 'kind: ConfigMap',
};
const release = encodeRelease(record);

const json = 'application/json';

function request(
  method: string,
  path: string,
  body?: object | Buffer,
  type = json,
): RelayedRequest {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body ?? {}));
  return { method, path, contentType: type, body: bytes };
}

const storing = request('POST', secrets, {
  kind: 'Secret',
  data: { release: Buffer.from(release).toString('base64') },
});

/** A field of bytes in protobuf. */
function field(number: number, bytes: Buffer): Buffer {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
  return Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);
}

/** As Helm 4 sends it: `runtime.Unknown` with a Secret in it. */
function protobuf(): Buffer {
  const entry = (key: string, value: string): Buffer =>
    field(2, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));
  const secret = Buffer.concat([
    field(1, Buffer.from('metadata')),
    entry('other', 'x'),
    entry('release', release),
    field(3, Buffer.from('helm.sh/release.v1')),
  ]);
  const unknown = Buffer.concat([field(1, Buffer.from('type')), field(2, secret)]);
  return Buffer.concat([Buffer.from('k8s\0'), unknown, Buffer.from([0x20, 0x01])]);
}

function start(driver: 'secret' | 'configmap' = 'secret') {
  const server = fakeApiServer({ clock: fakeClock(), namespaces: ['shop'] });
  const gate = writeGate(server.client(), { driver, release: 'api', namespace: 'shop' });
  return { server, gate };
}

/** What a promise is by now. */
async function now<T>(promise: Promise<T>): Promise<T | 'waits'> {
  const turn = new Promise<'waits'>((resolve) => setImmediate(() => resolve('waits')));
  return await Promise.race([promise, turn]);
}

const refusal: Partial<RelayAnswer> = { status: 403 };

describe('the gate before the first write of Helm', () => {
  test('lets reads pass, and holds the new revision until it is opened', async () => {
    const { gate } = start();
    expect(await gate.rule(request('GET', '/version'))).toBe('pass');
    const stored = gate.rule(storing);
    expect(await gate.wanted).toMatchObject({ version: 3, manifest: 'kind: ConfigMap' });
    expect(await now(stored)).toBe('waits');
    gate.open();
    expect(await stored).toBe('pass');
    expect(await gate.rule(request('PATCH', '/api/v1/namespaces/shop/configmaps/a'))).toBe('pass');
  });

  test.each([
    ['Secret in protobuf', 'secret', protobuf(), 'application/vnd.kubernetes.protobuf'],
    ['ConfigMap', 'configmap', { kind: 'ConfigMap', data: { release } }, json],
  ] as const)('reads a revision in a %s', async (_, driver, body, type) => {
    const { gate } = start(driver);
    void gate.rule(request('POST', `/api/v1/namespaces/shop/${driver}s`, body, type));
    expect(await gate.wanted).toEqual(record);
  });

  test('refuses the revision, and all after it, when it is shut', async () => {
    const { gate } = start();
    const stored = gate.rule(storing);
    gate.shut();
    expect(await stored).toMatchObject(refusal);
    expect(await gate.rule(request('PUT', `${secrets}/x`))).toMatchObject(refusal);
    gate.open();
    expect(await gate.rule(request('PUT', `${secrets}/x`))).toMatchObject(refusal);
  });

  test('puts the end of old revisions off until it is opened', async () => {
    const { server, gate } = start();
    const old = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'shop', name: '' } };
    const path = (version: number): string => `${secrets}/sh.helm.release.v1.api.v${version}`;
    for (const version of [1, 2])
      server.put({
        ...old,
        metadata: { ...old.metadata, name: `sh.helm.release.v1.api.v${version}` },
      });
    expect(await gate.rule(request('DELETE', path(1)))).toMatchObject({ status: 200 });
    expect(server.object(path(1))).toBeDefined();
    const stored = gate.rule(storing);
    gate.open();
    expect(await stored).toBe('pass');
    expect(server.object(path(1))).toBeUndefined();
    expect(server.object(path(2))).toBeDefined();
  });

  test('tells Helm when an old revision may not be taken away, instead of storing the new one', async () => {
    const { server, gate } = start();
    server.forbid('delete', 'secrets');
    await gate.rule(request('DELETE', `${secrets}/sh.helm.release.v1.api.v1`));
    const stored = gate.rule(storing);
    gate.open();
    expect(await stored).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
  });

  test.each([
    [
      'another object',
      request('POST', '/api/v1/namespaces/shop/configmaps', { kind: 'ConfigMap' }),
    ],
    ['a Secret that is no revision', request('POST', secrets, { kind: 'Secret', data: {} })],
    [
      'what is no protobuf',
      request('POST', secrets, Buffer.from('k8s\0\xff'), 'application/vnd.kubernetes.protobuf'),
    ],
    ['a revision of another release', request('DELETE', `${secrets}/sh.helm.release.v1.other.v1`)],
  ])('lets nothing of %s through before, and says so', async (_, write) => {
    const { gate } = start();
    expect(await gate.rule(write)).toMatchObject(refusal);
    await expect(gate.wanted).rejects.toThrow(UnforeseenWriteError);
    expect(await gate.rule(storing)).toMatchObject(refusal);
  });
});
