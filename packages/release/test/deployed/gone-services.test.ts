import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { initScratchGit } from '../../../../test/fixtures/scratch-git.ts';
import { writeFiles } from '../../../../test/fixtures/shop-edits.ts';
import { discoverServices, goneServices, type Discovery } from '../../src/index.ts';
import { realExec } from '../changed-repository.ts';

// It starts several processes, on machines that do other things too.
jest.setTimeout(120_000);

let folder: string;
let discovery: Discovery;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-gone-'));
  const git = await initScratchGit(path.join(folder, 'repository'));
  const main = 'package main\n\nfunc main() {}\n';
  await writeFiles({
    'go.mod': 'module example.com/m\n\ngo 1.26\n',
    'services/checkout/main.go': main,
    'services/billing/slipway.yml': 'name: invoices\n',
    'services/billing/main.go': main,
    'jobs/Mail_Out/main.go': main,
    'jobs/report/cmd/server/main.go': main,
    'tools/move/main.go': main,
    'tools/seed/slipway.yml': 'name: fixtures\n',
    'tools/seed/main.go': main,
    'tools/lister/slipway.yaml': 'tags: [tools]\n',
    'tools/lister/main.go': `//go:build tools\n\n${main}`,
    'slipway.yml': 'services:\n  services/*: {}\n  tools/move: { name: mover }\n',
    'main.go': main,
    'internal/orders/orders.go': 'package orders\n',
  })(git.dir);
  await git.commit('first');
  const selection = { globs: ['services/*'], targets: ['linux/amd64'], cgo: '' };
  discovery = await discoverServices(realExec, git.dir, selection);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gone = async (services: readonly string[], repository = discovery.repository) => {
  const found = await goneServices(
    realExec,
    { repository, services: discovery.services },
    services.map((service) => ({
      ...{ service, commit: 'a'.repeat(40), version: '1.0.0', target: '' },
      ...{ release: service, namespace: 'staging' },
    })),
  );
  return found.map(({ service }) => service);
};

test.each([
  { what: 'whose folder was renamed, also when a library has its name', service: 'orders' },
  { what: 'that slipway.yml names otherwise now', service: 'billing' },
])('a service $what is gone', async ({ service }) => {
  expect(await gone([service])).toEqual([service]);
});

test.each([
  { what: 'of a program in another folder', service: 'mail-out' },
  { what: 'of a program under the cmd of another folder', service: 'report' },
  { what: 'that the slipway.yml of its folder names', service: 'fixtures' },
  { what: 'that the slipway.yml at the root names', service: 'mover' },
  { what: 'that is built with tags of its own', service: 'lister' },
  { what: 'that is called as the module at the root', service: 'm' },
])('a service $what is another call’s', async ({ service }) => {
  expect(await gone([service])).toEqual([]);
});

test('nothing counts as gone when go could not list the programs', async () => {
  expect(await gone(['orders'], { ...discovery.repository, graph: undefined })).toEqual([]);
});

test('nothing counts as gone when a slipway.yml may give its name and cannot be read', async () => {
  const file = path.join(discovery.repository.root, 'tools/seed/slipway.yml');
  writeFileSync(file, 'name: [\n');
  try {
    expect(await gone(['orders'])).toEqual([]);
  } finally {
    writeFileSync(file, 'name: fixtures\n');
  }
});
