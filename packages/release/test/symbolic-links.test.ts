import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { namesThroughLinks } from '@slipway/go';
import { planChange, type Files, type PlannedChange } from './changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const main = 'package main\n\nfunc main() {}\n';
const chart = 'apiVersion: v2\nname: all\nversion: 0.1.0\n';
const files: Files = {
  'go.mod': 'module example.com/m\n\ngo 1.26\n',
  'services/api/main.go': main,
  'services/mail/main.go': main,
  'services/stock/main.go': main,
  'build/version.go': 'package main\n\nconst Version = 1\n',
  'build/README.md': 'docs',
  'charts/v1/Chart.yaml': chart,
  'charts/v1/values.yaml': 'a: 1\n',
  'deploy/values.yaml': 'a: 1\n',
};

describe('a change behind a symbolic link', () => {
  let folder: string;
  let number = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-links-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const plan = async (
    edit: Files,
    links: Readonly<Record<string, string>>,
  ): Promise<PlannedChange> =>
    await planChange({ dir: path.join(folder, String((number += 1))), files, edit, links });

  it('concerns the service whose source is the link, and its tests', async () => {
    const planned = await plan(
      { 'build/version.go': 'package main\n\nconst Version = 2\n' },
      { 'services/api/version.go': '../../build/version.go' },
    );
    expect(planned.names).toEqual(['api']);
    expect(planned.because).toEqual({ api: 'services/api/version.go' });
    expect(planned.tests['.']).toContain('./services/api');
  });

  it('concerns every service whose chart is the linked folder, or has a linked file', async () => {
    const links = {
      'services/api/chart': '../../charts/current',
      'charts/current': 'v1',
      'charts/v1/common.yaml': '../../deploy/values.yaml',
      'services/mail/chart/values.yaml': '../../../deploy/values.yaml',
    };
    expect((await plan({ 'charts/v1/values.yaml': 'a: 2\n' }, links)).names).toEqual(['api']);
    expect((await plan({ 'deploy/values.yaml': 'a: 2\n' }, links)).names).toEqual(['api', 'mail']);
  });

  it('concerns nobody when it is documentation, or the link leads out, to itself or in a ring', async () => {
    const links = {
      'services/api/docs': '../../build',
      'services/api/all': '../..',
      'services/mail/outside': '../../../..',
      'services/mail/missing': 'nowhere',
      'services/stock/ring': '../../build/ring',
      'build/ring': '../services/stock/ring',
    };
    const planned = await plan({ 'build/README.md': 'other' }, links);
    expect(planned.names).toEqual([]);
  });

  it('is not told apart by name where there are more names than anyone means', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => String(index));
    const links = many.map((name) => ({ link: `links/${name}`, targets: ['shared'] }));
    const changed = many.map((name) => `shared/${name}`);
    expect(namesThroughLinks(links, changed)).toEqual(links.map(({ link }) => link));
  });
});
