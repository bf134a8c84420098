import * as fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { KubeError } from '../../src/index.ts';
import { capturedFile } from './capture.ts';
import type { KubeconfigCase } from './case.ts';
import { cases } from './cases.ts';
import { unlikeClientNode, unlikeKubectl, type Differences } from './differences.ts';
import { clientNode, slipway } from './readers.ts';
import type { Sight } from './sight.ts';
import { startWorld, type World } from './world.ts';

/** What kubectl 1.36.3 did; test/lab/cluster/kubeconfig-contract.test.ts holds it against a real one. */
const captured = JSON.parse(fs.readFileSync(capturedFile, 'utf8')) as Readonly<
  Record<string, Sight>
>;

let world: World;
const refusals = new Map<string, unknown>();
const seen = new Map<string, Sight>();
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

async function sightOf(given: KubeconfigCase): Promise<Sight> {
  const known = seen.get(given.name);
  if (known !== undefined) return known;
  const read = slipway((error) => refusals.set(given.name, error));
  const sight = await read(world, given, await world.place(given));
  seen.set(given.name, sight);
  return sight;
}

/** client-node tells no plugin what it is asked for (KUBERNETES_EXEC_INFO), so that is left out. */
function withoutPluginInfo(sight: Sight): Sight {
  if (sight.refused || sight.plugin === undefined) return sight;
  return { ...sight, plugin: { ...sight.plugin, info: null } };
}

const like = (others: Differences) => cases.filter(({ name }) => others[name] === undefined);
const unlike = (others: Differences) => cases.filter(({ name }) => others[name] !== undefined);

describe('a kubeconfig with', () => {
  test.each(like(unlikeKubectl))('$name does what it does for kubectl', async (given) => {
    expect(await sightOf(given)).toEqual(captured[given.name]);
  });

  test.each(unlike(unlikeKubectl))('$name differs from kubectl, as explained', async (given) => {
    expect(await sightOf(given)).not.toEqual(captured[given.name]);
  });

  test.each(like(unlikeClientNode))('$name does what it does for client-node', async (given) => {
    const theirs = await clientNode(world, given, await world.place(given));
    expect(withoutPluginInfo(theirs)).toEqual(withoutPluginInfo(await sightOf(given)));
  });

  test.each(unlike(unlikeClientNode))(
    '$name differs from client-node, as explained',
    async (given) => {
      const theirs = await clientNode(world, given, await world.place(given));
      expect(withoutPluginInfo(theirs)).not.toEqual(withoutPluginInfo(await sightOf(given)));
    },
  );
});

test('every refusal is told without a secret', async () => {
  for (const given of cases) await sightOf(given);
  const refused = cases.filter(({ name }) => seen.get(name)?.refused === true);
  expect(new Set(refusals.keys())).toEqual(new Set(refused.map(({ name }) => name)));
  for (const error of refusals.values()) {
    expect(error instanceof InputError || error instanceof KubeError).toBe(true);
    expect((error as Error).message).not.toMatch(/t0ken|s3cret|12345678|PRIVATE KEY/);
  }
});

test('every difference that is explained is one of a case, and every case was captured', () => {
  const names = cases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(Object.keys(captured)).toEqual(names);
  expect(names).toEqual(expect.arrayContaining(Object.keys(unlikeKubectl)));
  expect(names).toEqual(expect.arrayContaining(Object.keys(unlikeClientNode)));
});
