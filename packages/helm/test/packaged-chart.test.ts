import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { paxBody, rawTarGz, type RawEntry } from '../../archive/test/archive-corpus.ts';
import { readArchivedChart } from '../src/chart/packaged-chart.ts';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'packaged-chart-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function versionIn(entries: readonly RawEntry[]): Promise<string> {
  const file = path.join(folder, 'c.tgz');
  await fs.writeFile(file, rawTarGz(entries));
  return (await readArchivedChart(file)).version;
}

const yaml = (version: string): string => `apiVersion: v2\nname: c\nversion: ${version}\n`;
const chart = (version: string, name = 'c/Chart.yaml', type = '0'): RawEntry => ({
  name,
  type,
  text: yaml(version),
});
const more = (text: string, name = 'c/Chart.yaml'): RawEntry => ({ name, text });
const pax = (name: string, type = 'x'): RawEntry => ({
  name: 'pax',
  type,
  text: paxBody({ path: name }),
});

// What `helm show chart` of Helm 3.18.0 and 4.2.3 said of each of these.
describe('a packaged chart has the version that Helm reads', () => {
  test.each<[string, RawEntry[], string]>([
    ['from its one Chart.yaml', [chart('1.0.0')], '1.0.0'],
    ['from the last of two', [chart('1.0.0'), chart('2.0.0')], '2.0.0'],
    ['whatever its first folder is', [chart('1.0.0', 'b/Chart.yaml'), chart('2.0.0')], '2.0.0'],
    ['field by field', [chart('1.0.0'), more('version: 2.0.0\n')], '2.0.0'],
    ['not from an empty field', [chart('1.0.0'), more('version:\nname: d\n')], '1.0.0'],
    ['not from an empty file', [chart('1.0.0'), more('')], '1.0.0'],
    ['in any case', [chart('1.0.0'), more('VERSION: 4.0.0\n')], '4.0.0'],
    ['by the order of bytes', [more(`${yaml('1.0.0')}Version: 2.0.0\n`)], '1.0.0'],
    [
      'with requirements.yaml',
      [chart('1.0.0'), more('version: 6.6.6\n', 'c/requirements.yaml')],
      '6.6.6',
    ],
    ['from requirements.yaml alone', [chart('6.6.6', 'c/requirements.yaml')], '6.6.6'],
    ['not from a chart in it', [chart('3.0.0', 'c/charts/d/Chart.yaml'), chart('1.0.0')], '1.0.0'],
    [
      'not from a global name',
      [pax('c/Chart.yaml', 'g'), chart('6.6.6', 'c/R.md'), chart('1.0.0')],
      '1.0.0',
    ],
    ['from a pax name', [pax('c/Chart.yaml'), chart('1.0.0', 'c/R.md')], '1.0.0'],
    [
      'from an entry of an unknown kind',
      [chart('1.0.0'), chart('6.6.6', 'c/Chart.yaml', 'V')],
      '6.6.6',
    ],
    ['not from a link', [{ name: 'c/Chart.yaml', type: '2' }, chart('1.0.0')], '1.0.0'],
    ['packed on Windows', [chart('1.0.0', 'c\\Chart.yaml')], '1.0.0'],
    ['packed in an odd way', [chart('1.0.0', '/x/../Chart.yaml')], '1.0.0'],
    ['not from a prototype', [more(`${yaml('1.0.0')}__proto__: { version: 6.6.6 }\n`)], '1.0.0'],
  ])('%s', async (_, entries, version) => {
    expect(await versionIn(entries)).toBe(version);
  });
});

describe('a packaged chart that Helm refuses is refused, and says why', () => {
  test.each<[string, RawEntry[], string]>([
    [
      'with a version that is none, and could be a command',
      [chart('1.0.0;id')],
      'gives the version "1.0.0;id", which Helm refuses',
    ],
    ['without a Chart.yaml', [more('', 'c/README.md')], 'it has no Chart.yaml'],
    ['with one folder too many', [chart('1.0.0', './c/Chart.yaml')], 'it has no Chart.yaml'],
    [
      'with one that is none',
      [chart('1.0.0'), more('- a\n')],
      'does not give a name and a version',
    ],
    [
      'with a link instead',
      [{ name: 'c/Chart.yaml', type: '2' }],
      'does not give a name and a version',
    ],
    [
      'without a folder',
      [chart('1.0.0', 'Chart.yaml')],
      'the name "Chart.yaml", which Helm refuses',
    ],
    [
      'with an absolute name',
      [chart('1.0.0', 'c//Chart.yaml')],
      '"c//Chart.yaml", which Helm refuses',
    ],
    [
      'with a name that leaves it',
      [chart('1.0.0'), more('', 'c/../x')],
      '"c/../x", which Helm refuses',
    ],
    ['with a drive', [chart('1.0.0'), more('', 'c/C:/x')], '"c/C:/x", which Helm refuses'],
    [
      'with a malformed pax header',
      [{ name: 'p', type: 'x', text: '2x2x' }, chart('1.0.0')],
      'a pax record',
    ],
  ])('%s', async (_, entries, why) => {
    const refused = versionIn(entries);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toThrow(why);
  });
});
