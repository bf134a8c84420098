import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { inClusterTarget } from '../src/config/in-cluster.ts';
import { kubeconfigPaths } from '../src/config/kubeconfig-paths.ts';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'kubeconfig-'));
});
afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

describe('in a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const mount = 'var/run/secrets/kubernetes.io/serviceaccount';

  test('the service account is used, as client-node uses it', async () => {
    const account = path.join(folder, mount);
    await fs.mkdir(account, { recursive: true });
    await fs.writeFile(path.join(account, 'token'), 'x');
    await fs.writeFile(path.join(account, 'ca.crt'), 'CA');
    await fs.writeFile(path.join(account, 'namespace'), 'shop');
    const ours = await inClusterTarget(env, account);
    expect(ours).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'shop',
      tls: { ca: 'CA' },
      auth: { kind: 'token-file', path: path.join(account, 'token') },
    });
    const before = { ...process.env };
    Object.assign(process.env, env);
    const theirs = new KubeConfig();
    theirs.loadFromCluster(`${folder}/`);
    process.env = before;
    expect(theirs.getCurrentCluster()?.server).toBe(ours?.server);
    expect(theirs.getContextObject('inClusterContext')?.namespace).toBe(ours?.namespace);
  });

  test('POD_NAMESPACE goes before the namespace of the service account, as in kubectl', async () => {
    await fs.writeFile(path.join(folder, 'token'), 'x');
    await fs.writeFile(path.join(folder, 'namespace'), 'shop');
    const target = await inClusterTarget({ ...env, POD_NAMESPACE: 'own' }, folder);
    expect(target?.namespace).toBe('own');
  });
});

describe('the places of kubeconfigs', () => {
  test.each<[string, Record<string, string>, boolean, string[]]>([
    ['$KUBECONFIG, each once', { KUBECONFIG: '/a:/b::/a' }, false, ['/a', '/b']],
    [
      '$KUBECONFIG on Windows, where a name may stand in quotes',
      { KUBECONFIG: 'C:\\a;"D:\\b;c";;C:\\a' },
      true,
      ['C:\\a', 'D:\\b;c'],
    ],
    ['the home folder', { HOME: '/home/me', USERPROFILE: '/x' }, false, ['/home/me/.kube/config']],
    [
      'the home folders of Windows',
      { HOMEDRIVE: 'H:', HOMEPATH: '\\me', USERPROFILE: 'C:\\Users\\me' },
      true,
      ['H:\\me\\.kube\\config', 'C:\\Users\\me\\.kube\\config'],
    ],
    ['nothing', {}, false, []],
  ])('are %s', (_, env, windows, paths) => {
    expect(kubeconfigPaths(env, windows).paths).toEqual(paths);
  });

  test('are asked for no other file than the first that is there, in home folders', () => {
    expect(kubeconfigPaths({ HOME: folder }).take).toBe('first');
    expect(kubeconfigPaths({ HOME: folder, KUBECONFIG: 'x' }).take).toBe('all');
  });
});
