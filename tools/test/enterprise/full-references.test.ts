import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { withFullReferences, writeFullReferences } from '../../enterprise/full-references.ts';
import { root } from '../../manifest.ts';

const pin = { repository: 'acme/slipway', commit: '1'.repeat(40) };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-full-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that a file uses, wherever it stands. */
function used(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'uses' && typeof inner === 'string' ? [inner] : used(inner),
  );
}

test('every file names the repository and the commit, and is else what it was', () => {
  const files = writeFullReferences(root, folder, pin);
  expect(files).toEqual(expect.arrayContaining(['action.yml', '.github/workflows/go-release.yml']));
  for (const file of files) {
    const [before, after] = [root, folder].map((each) =>
      load(readFileSync(path.join(each, file), 'utf8')),
    );
    expect(used(after).some((uses) => uses.startsWith('$/'))).toBe(false);
    expect(
      used(after).map((uses) => uses.replace(`acme/slipway/`, '$/').replace(`@${pin.commit}`, '')),
    ).toEqual(used(before).map((uses) => uses.replace('$/.github/', './.github/')));
  }
});

test('only uses: is rewritten, and a workflow of the same folder stays beside it', () => {
  const yaml =
    "      - uses: $/actions/x # as it is\n        run: sed -e 's/^$/ /'\n    uses: $/.github/workflows/go-deploy.yml\n";
  expect(withFullReferences(yaml, pin)).toBe(
    `      - uses: acme/slipway/actions/x@${pin.commit} # as it is\n        run: sed -e 's/^$/ /'\n    uses: ./.github/workflows/go-deploy.yml\n`,
  );
});

test.each([
  { repository: 'slipway', commit: pin.commit, says: 'OWNER/NAME' },
  { repository: 'acme/slipway', commit: 'v1', says: 'no full commit id' },
])('$repository at $commit is refused', ({ says, ...given }) => {
  expect(() => writeFullReferences(root, folder, given)).toThrow(says);
});

test('the command writes the files, and tells which', () => {
  const script = path.join(root, 'tools', 'enterprise', 'full-references.ts');
  const told = execFileSync(process.execPath, [script, pin.repository, pin.commit, folder], {
    encoding: 'utf8',
  });
  expect(told.split('\n')).toContain('action.yml');
  expect(readFileSync(path.join(folder, 'action.yml'), 'utf8')).toContain(`@${pin.commit}`);
});
