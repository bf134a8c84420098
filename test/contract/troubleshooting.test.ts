import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '..', '..');

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file.includes(`src${path.sep}`))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'));
}

const code = ['packages', 'actions'].flatMap((folder) => sources(path.join(root, folder))).join();
const page = readFileSync(path.join(root, 'docs', 'troubleshooting.md'), 'utf8');
const headings = [...page.matchAll(/^## `(.+)`$/gm)].map(([, text = '']) => text);

test('the page has at least the five most likely errors', () => {
  expect(headings.length).toBeGreaterThanOrEqual(5);
});

test.each(headings)('the error %j is one that the code can print', (heading) => {
  const absent = heading.split('…').filter((fragment) => !code.includes(fragment.trim()));
  expect(absent).toEqual([]);
});
