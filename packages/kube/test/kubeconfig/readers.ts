import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KubeConfig, VersionApi } from '@kubernetes/client-node';
import { fakeLog } from '@slipway/testing';
import { createKubeClient, loadKubeConfig } from '../../src/index.ts';
import type { KubeconfigCase } from './case.ts';
import type { Sight } from './sight.ts';
import type { Placed, World } from './world.ts';

const run = promisify(execFile);

/** Reads a kubeconfig as one program does and asks the server for its version. */
export type Reader = (world: World, given: KubeconfigCase, placed: Placed) => Promise<Sight>;

/** The reader of this package. A refusal is also told to `onRefusal`. */
export const slipway =
  (onRefusal: (error: unknown) => void): Reader =>
  async (world, { context }, { env }) => {
    try {
      const target = await loadKubeConfig({ env, ...(context === undefined ? {} : { context }) });
      const client = createKubeClient(target, { env: {}, log: fakeLog(), retries: 0 });
      await client.get('/version').finally(() => client.close());
      return await world.sight(target.namespace);
    } catch (error) {
      onRefusal(error);
      return await world.sight('');
    }
  };

/** client-node finds its files through the environment of this process. */
export const clientNode: Reader = async (world, { context }, { env }) => {
  const before = { HOME: process.env['HOME'], KUBECONFIG: process.env['KUBECONFIG'] };
  const set = (values: Readonly<Record<string, string | undefined>>): void => {
    for (const name of ['HOME', 'KUBECONFIG'] as const)
      if (values[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = values[name];
  };
  set(env);
  try {
    const config = new KubeConfig();
    config.loadFromDefault();
    if (context !== undefined) config.setCurrentContext(context);
    await config.makeApiClient(VersionApi).getCode();
    const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
    return await world.sight(namespace);
  } catch {
    return await world.sight('');
  } finally {
    set(before);
  }
};

/** A real kubectl; `program` is its path. */
export const kubectl =
  (program: string): Reader =>
  async (world, { context }, { env, folder }) => {
    const options = { env: { ...env, PATH: process.env['PATH'] }, cwd: folder, timeout: 20_000 };
    const flags = context === undefined ? [] : ['--context', context];
    try {
      // Without an end of its input kubectl would wait for somebody to type a name and a password.
      const version = run(program, [...flags, 'version', '--output=json'], options);
      version.child.stdin?.end();
      await version;
      const view = [...flags, 'config', 'view', '--minify', '--output=json'];
      const { contexts } = JSON.parse((await run(program, view, options)).stdout) as {
        contexts: { context: { namespace?: string } }[];
      };
      return await world.sight(contexts[0]?.context.namespace ?? 'default');
    } catch {
      return await world.sight('');
    }
  };
