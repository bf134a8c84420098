import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { fakeClock, fakeLog } from '@slipway/testing';
import {
  createKubeClient,
  loadKubeConfig,
  removeKubeconfigFile,
  writeKubeconfigFile,
} from '../src/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'kubeconfig-'));
});
afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const kubeconfig = (user: string, cluster = 'server: https://10.0.0.1:6443/'): string => `
apiVersion: v1
kind: Config
current-context: staging
clusters:
- name: one
  cluster: { ${cluster} }
users:
- name: ci
  user: ${user}
contexts:
- name: staging
  context: { cluster: one, user: ci, namespace: shop }
- name: production
  context: { cluster: missing, user: ci }
`;
const load = (text: string, context?: string) =>
  loadKubeConfig({ text, env: {}, ...(context === undefined ? {} : { context }) });

describe('a kubeconfig given as text', () => {
  test('names the server, the namespace and the token of its current context', async () => {
    expect(await load(kubeconfig('{ token: abcd1234 }'))).toMatchObject({
      server: 'https://10.0.0.1:6443',
      context: 'staging',
      namespace: 'shop',
      auth: { kind: 'token', token: 'abcd1234' },
    });
  });

  test('may be base64, as secrets are often stored, also in lines', async () => {
    const text = base64(kubeconfig('{ token: t }')).replace(/(.{76})/g, '$1\n');
    expect(await load(text)).toMatchObject({ context: 'staging' });
  });

  test('gives certificates, server name and proxy', async () => {
    const user = `{ client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')} }`;
    const cluster = `server: 'https://x', certificate-authority-data: ${base64('CA')}, tls-server-name: kube, proxy-url: 'http://proxy:3128'`;
    expect(await load(kubeconfig(user, cluster))).toMatchObject({
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', serverName: 'kube' },
      proxyUrl: 'http://proxy:3128',
      auth: { kind: 'none' },
    });
  });

  test('gives a credential plugin with its arguments and environment', async () => {
    const user = `{ exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, get-token], env: [{ name: AWS_PROFILE, value: ci }], provideClusterInfo: true } }`;
    const { auth } = await load(kubeconfig(user));
    expect(auth).toMatchObject({
      kind: 'exec',
      plugin: {
        command: 'aws',
        args: ['eks', 'get-token'],
        env: { AWS_PROFILE: 'ci' },
        cluster: { server: 'https://10.0.0.1:6443/' },
      },
    });
  });

  test('gives headers that impersonate', async () => {
    const { impersonate } = await load(kubeconfig('{ token: t, as: bob, as-groups: [dev, ops] }'));
    expect(impersonate).toEqual([
      ['Impersonate-User', 'bob'],
      ['Impersonate-Group', 'dev'],
      ['Impersonate-Group', 'ops'],
    ]);
  });

  test.each<[string, string, string | undefined, RegExp]>([
    [
      'a context that is not there',
      kubeconfig('{}'),
      'prod',
      /no context "prod": it has staging, production/,
    ],
    [
      'a context whose cluster is not there',
      kubeconfig('{}'),
      'production',
      /"missing", which is not there \(one\)/,
    ],
    [
      'a file of the machine it came from',
      kubeconfig('{ client-certificate: /home/me/cert.pem, client-key: /home/me/key.pem }'),
      undefined,
      /client-certificate could not be read from \/home\/me\/cert.pem/,
    ],
    [
      'a relative file',
      kubeconfig('{}', "server: 'https://x', certificate-authority: ca.pem"),
      undefined,
      /not part of it/,
    ],
    [
      'a certificate without a key',
      kubeconfig(`{ client-certificate-data: ${base64('C')} }`),
      undefined,
      /certificate without a key/,
    ],
    [
      'a plugin that needs a person',
      kubeconfig(
        '{ exec: { command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always } }',
      ),
      undefined,
      /needs a terminal/,
    ],
    [
      'a plugin of a version that is gone',
      kubeconfig('{ exec: { command: x, apiVersion: client.authentication.k8s.io/v1alpha1 } }'),
      undefined,
      /the user "ci": exec: the credential plugin x speaks "client.authentication.k8s.io\/v1alpha1"/,
    ],
    [
      'a token that is a number',
      kubeconfig('{ token: 12345678 }'),
      undefined,
      /the user "ci": token must be a text/,
    ],
    [
      'data that is cut off',
      kubeconfig(`{ client-certificate-data: ${base64('CERT').slice(0, 5)}, client-key-data: x }`),
      undefined,
      /client-certificate-data is not base64/,
    ],
    [
      'two ways to log in',
      kubeconfig('{ token: t0ken, username: bob, password: s3cret }'),
      undefined,
      /both a token and a password/,
    ],
    [
      'two users of one name',
      kubeconfig('{}').replace('users:', 'users:\n- { name: ci, user: {} }'),
      undefined,
      /has two users of the name "ci"/,
    ],
    [
      'a proxy of another kind',
      kubeconfig('{}', "server: 'https://x', proxy-url: 'socks4://proxy:1080'"),
      undefined,
      /the cluster "one": proxy-url does not begin with http:\/\/, https:\/\/ or socks5:\/\//,
    ],
    [
      'a password in the address of the server',
      kubeconfig('{}', "server: 'https://bob:s3cret@x'"),
      undefined,
      /^[^@]*has a name or a password in its "server"\.$/,
    ],
    [
      'another object',
      kubeconfig('{}').replace('kind: Config', 'kind: Secret'),
      undefined,
      /is a "Secret" of "v1", not a kubeconfig/,
    ],
    [
      'a removed auth provider',
      kubeconfig('{ auth-provider: { name: gcp } }'),
      undefined,
      /"gcp" is no longer part/,
    ],
    ['a server that is no URL', kubeconfig('{}', 'server: kube'), undefined, /no usable "server"/],
    ['a name in place of the text', '/home/me/.kube/config', undefined, /not a kubeconfig/],
    ['broken YAML', 'clusters: [', undefined, /not valid YAML/],
    ['a list in the wrong place', 'clusters: 3', undefined, /"clusters" is not a list/],
    ['an empty one', '{}', undefined, /no current-context \(it has none\)/],
    ['more than 2 MiB', `a: ${'x'.repeat(2 ** 21)}`, undefined, /larger than 2 MiB/],
  ])('refuses %s', async (_, text, context, message) => {
    const error = await load(text, context).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });

  test('is never quoted in an error', async () => {
    const error = await load('token: hunter2hunter2\n  bad: [').catch((caught: unknown) => caught);
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('a kubeconfig on disk', () => {
  test('resolves file names against its own folder', async () => {
    await fs.writeFile(path.join(folder, 'ca.pem'), 'CA');
    await fs.writeFile(path.join(folder, 'token'), 'from-file\n');
    const file = path.join(folder, 'config');
    await fs.writeFile(
      file,
      kubeconfig('{ tokenFile: token }', "server: 'https://x', certificate-authority: ca.pem"),
    );
    expect(await loadKubeConfig({ path: file, env: {} })).toMatchObject({
      tls: { ca: 'CA' },
      auth: { kind: 'token-file', path: path.join(folder, 'token') },
    });
  });

  test('is found through $KUBECONFIG, where the first file to name a thing wins', async () => {
    const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')];
    await fs.writeFile(a, "clusters: [{ name: one, cluster: { server: 'https://first' } }]");
    await fs.writeFile(b, kubeconfig('{ token: t }'));
    const env = { KUBECONFIG: [a, path.join(folder, 'none'), b].join(path.delimiter) };
    expect(await loadKubeConfig({ env })).toMatchObject({
      server: 'https://first',
      auth: { kind: 'token', token: 't' },
    });
  });

  test('is missed with the places that were looked at', async () => {
    await expect(loadKubeConfig({ env: { HOME: folder } })).rejects.toThrow(
      `${folder}/.kube/config cannot be read, and this is not a pod`,
    );
  });
});

describe('an ID token of the auth provider oidc', () => {
  const token = `x.${Buffer.from('{"exp":1800000000}').toString('base64url')}.x`;
  const text = kubeconfig(`{ auth-provider: { name: oidc, config: { id-token: ${token} } } }`);

  test('is used until it runs out, and not after that', async () => {
    const target = await load(text);
    expect(target.auth).toEqual({ kind: 'token', token, expiresAtMs: 1_800_000_000_000 });
    const clock = fakeClock(1_800_000_000_001);
    const client = createKubeClient(target, { env: {}, log: fakeLog(), clock });
    await expect(client.get('/version')).rejects.toThrow(/the ID token of the user has run out/);
    await client.close();
  });
});

describe('a kubeconfig for child processes', () => {
  test('is written for its owner alone, with secrets masked in every form', async () => {
    const masked: string[] = [];
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIEabc\nQUJDdef\n-----END PRIVATE KEY-----\n';
    const text = kubeconfig(
      `{ token: t0ken, client-key-data: ${base64(pem)}, client-certificate-data: ${base64('C')} }`,
    );
    const file = await writeKubeconfigFile(folder, base64(text), (value) => masked.push(value));
    expect(await fs.readFile(file, 'utf8')).toBe(text);
    expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
    expect(masked).toEqual(expect.arrayContaining(['t0ken', base64(pem), 'MIIEabc\nQUJDdef']));
    await removeKubeconfigFile(file);
    await removeKubeconfigFile(file);
    expect(await fs.readdir(folder)).toEqual([]);
  });

  test('only its own file is ever removed', async () => {
    await expect(removeKubeconfigFile(path.join(folder, 'config'))).rejects.toThrow(
      'not a kubeconfig that Slipway wrote',
    );
  });
});
