import { describe, expect, it } from '@jest/globals';
import semver from 'semver';
import { checkTagFormat, pseudoVersion, readTag } from '../src/index.ts';

const services = [
  { name: 'api', path: 'services/api' },
  { name: 'ledger', path: 'services/ledger' },
];

describe('a tag', () => {
  it.each([
    ['v1.2.3', { version: '1.2.3', prerelease: false, service: undefined }],
    ['v1.2.3-rc.1', { version: '1.2.3-rc.1', prerelease: true, service: undefined }],
    ['api/v1.2.3', { version: '1.2.3', prerelease: false, service: 'api' }],
    ['api@1.2.3', { version: '1.2.3', prerelease: false, service: 'api' }],
    ['api@v1.2.3', { version: '1.2.3', prerelease: false, service: 'api' }],
    ['services/api@1.2.3', { version: '1.2.3', prerelease: false, service: 'api' }],
    ['api-v1.2.3', { version: '1.2.3', prerelease: false, service: 'api' }],
    ['api-v1.2.3-rc.1', { version: '1.2.3-rc.1', prerelease: true, service: 'api' }],
    ['services/ledger/v0.1.0', { version: '0.1.0', prerelease: false, service: 'ledger' }],
  ])('%s is read', (tag, expected) => {
    expect(readTag(tag, services)).toEqual(expected);
  });

  it.each([
    ['1.2.3', /not a release tag/],
    ['api-1.2.3', /not a release tag/],
    ['api/1.2.3', /not a release tag/],
    ['api@1.2', /not a release tag/],
    ['@1.2.3', /not a release tag/],
    [`${'a'.repeat(300)}/v1.2.3`, /not a release tag/],
    ['web@1.2.3', /names the service "web", which is not here/],
    ['web-v1.2.3', /names the service "web", which is not here/],
    ['v1.2', /not a release tag/],
    ['v01.2.3', /not a release tag/],
    ['vv1.2.3', /not a release tag/],
    ['latest', /not a release tag/],
    ['v1.2.3;rm -rf $HOME', /not a release tag/],
    ['v1.2.3\n::set-output name=x::y', /not a release tag/],
    ['-v1.2.3', /not a release tag/],
    ['v1.2.3+build.5', /build metadata/],
    [`v1.2.3-${'a'.repeat(70)}`, /a Kubernetes label holds 63/],
    ['web/v1.2.3', /names the service "web", which is not here; valid: api, ledger/],
    ['../api/v1.2.3', /names the service "..\/api"/],
  ])('%j is refused', (tag, message) => {
    expect(() => readTag(tag, services)).toThrow(message);
  });
});

describe('a tag by a format of the user', () => {
  it.each<[string, string[], object]>([
    ['1.2.3', ['{version}'], { version: '1.2.3', service: undefined }],
    ['api-1.2.3-rc.1', ['{service}-{version}'], { version: '1.2.3-rc.1', service: 'api' }],
    ['1.2.3-api', ['{version}-{service}'], { version: '1.2.3', service: 'api' }],
    ['release/1.2.3', ['v{version}', 'release/{version}'], { version: '1.2.3' }],
    ['services/api/1.2.3', ['{service}/{version}'], { version: '1.2.3', service: 'api' }],
  ])('%s is read by %j', (tag, formats, expected) => {
    expect(readTag(tag, services, formats)).toMatchObject(expected);
  });

  it('is read by no other', () => {
    expect(() => readTag('v1.2.3', services, ['{version}'])).toThrow(
      /"v1.2.3" is not a release tag/,
    );
    expect(() => readTag('web-1.2.3', services, ['{service}-{version}'])).toThrow(
      /names the service "web"/,
    );
  });

  it.each([
    '',
    'v',
    '{service}',
    '{version}{version}',
    'v{version} ',
    'v{version}\n',
    '{v}{version}',
  ])('is refused when the format is %j', (format) => {
    expect(() => checkTagFormat(format)).toThrow(/tag-format: .* is not valid/);
  });
});

const hostileBranches = [
  'main',
  'feature/äöü',
  '$(curl evil)',
  '`id`',
  '"; DROP TABLE',
  '--help',
  '007',
  '..',
  'x\n::add-mask::y',
  'a'.repeat(300),
  '\u202Emain',
  '-',
];

describe('the version of a commit without a tag', () => {
  const commit = {
    sha: `0012345${'0'.repeat(33)}`,
    commitTimeMs: Date.UTC(2026, 10, 24, 17, 23, 0),
  };

  it('tells branch, time and commit', () => {
    expect(pseudoVersion({ ...commit, channel: 'main' })).toBe(
      '0.0.0-main.20261124172300.g0012345',
    );
  });

  it.each(hostileBranches)('is a semantic version, image tag and label value for %j', (channel) => {
    const version = pseudoVersion({ ...commit, channel });
    expect(semver.valid(version)).toBe(version);
    expect(version).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
    expect(version).toMatch(/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
  });

  it('grows with time and stays below every release', () => {
    const older = pseudoVersion({ ...commit, channel: 'main' });
    const newer = pseudoVersion({ ...commit, channel: 'main', commitTimeMs: Date.UTC(2026, 11) });
    expect(semver.gt(newer, older)).toBe(true);
    expect(semver.lt(newer, '0.0.1')).toBe(true);
  });
});
