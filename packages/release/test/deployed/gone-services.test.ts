import { mkdtempSync, rmSync } from 'node:fs';
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
    'internal/orders/orders.go': 'package orders\n',
  })(git.dir);
  await git.commit('first');
  const selection = { globs: ['services/*'], targets: ['linux/amd64'], cgo: '' };
  discovery = await discoverServices(realExec, git.dir, selection);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gone = (services: readonly string[], repository = discovery.repository) =>
  goneServices(
    repository,
    discovery.services,
    services.map((service) => ({
      ...{ service, commit: 'a'.repeat(40), version: '1.0.0', target: '' },
      ...{ release: service, namespace: 'staging' },
    })),
  ).map(({ service }) => service);

test.each([
  { what: 'whose folder was renamed, also when a library has its name', service: 'orders' },
  { what: 'that slipway.yml names otherwise now', service: 'billing' },
])('a service $what is gone', ({ service }) => {
  expect(gone([service])).toEqual([service]);
});

test.each([
  { what: 'of a program in another folder', service: 'mail-out' },
  { what: 'of a program under the cmd of another folder', service: 'report' },
])('a service $what is another call’s', ({ service }) => {
  expect(gone([service])).toEqual([]);
});

test('nothing counts as gone when go could not list the programs', () => {
  expect(gone(['orders'], { ...discovery.repository, graph: undefined })).toEqual([]);
});
