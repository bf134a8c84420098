import { expect, test } from '@jest/globals';
import { imageOf } from '../src/image/image-repositories.ts';
import { defaultVersion } from '../src/plan.ts';

test.each([
  ['ghcr.io/acme/api', 'api', true, 'ghcr.io/acme/api'],
  ['ghcr.io/acme', 'api', false, 'ghcr.io/acme/api'],
  ['ghcr.io/acme/', 'worker', false, 'ghcr.io/acme/worker'],
  ['ghcr.io/acme/{name}-server', 'api', true, 'ghcr.io/acme/api-server'],
  ['ghcr.io/acme', 'My_Tool+x', false, 'ghcr.io/acme/my_tool-x'],
])('the image of %s and program %s (the only one: %s) is %s', (image, program, only, expected) => {
  expect(imageOf(image, program, only)).toBe(expected);
});

test.each([
  ['refs/tags/v1.2.0', 'abc', 'v1.2.0'],
  ['refs/tags/services/api/v1.2.0', 'abc', 'v1.2.0'],
  ['refs/tags/cli-v0.2.0', 'abc', 'v0.2.0'],
  ['refs/tags/api@1.2.3', 'abc', '1.2.3'],
  ['refs/tags/v1.2.0-rc-2.0.0', 'abc', 'v1.2.0-rc-2.0.0'],
  ['refs/tags/nightly-2026', 'abc', 'nightly-2026'],
  ['refs/heads/main', '0123456789abcdef', '0.0.0-dev.0123456789ab'],
  ['refs/pull/5/merge', undefined, '0.0.0-dev'],
  ['refs/tags/-x', '0123456789abcdef', '0.0.0-dev.0123456789ab'],
])('the version at %s is %s', (ref, commit, version) => {
  expect(defaultVersion(ref, commit)).toBe(version);
});
