import { describe, expect, test } from '@jest/globals';
import { imageTag, isImageTag, isLoopback, parseImageName } from '../src/index.ts';

describe('an image name', () => {
  test.each([
    ['ghcr.io/acme/api', 'ghcr.io', 'acme/api', 'https://ghcr.io'],
    ['acme/api', 'docker.io', 'acme/api', 'https://registry-1.docker.io'],
    ['api', 'docker.io', 'library/api', 'https://registry-1.docker.io'],
    ['localhost:5000/a', 'localhost:5000', 'a', 'http://localhost:5000'],
    ['127.0.0.1:5000/a/b', '127.0.0.1:5000', 'a/b', 'http://127.0.0.1:5000'],
    ['registry.local:5000/a', 'registry.local:5000', 'a', 'https://registry.local:5000'],
  ])('%s is at %s', (text, registry, repository, origin) => {
    expect(parseImageName(text)).toEqual({ registry, repository, origin });
  });

  test.each([
    ['ghcr.io/acme/api:v1', /has a tag/],
    ['ghcr.io/acme/api@sha256:00', /has a digest/],
    ['ghcr.io/Acme/api', /upper-case/],
    ['ghcr.io/../api', /part of its path/],
    ['ghcr.io//api', /part of its path/],
    ['ghcr.io/', /part of its path/],
    ['user:pass@ghcr.io/a', /digest|host/],
    ['ghcr.io/a?x=y', /part of its path/],
    ['ghcr.io#/a', /no host name/],
  ])('%s is refused', (text, why) => {
    expect(() => parseImageName(text)).toThrow(why);
  });

  test.each([
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example:80', false],
    ['[::1]:5000', true],
    ['127.8.8.8:1', true],
  ])('%s on this machine: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is);
  });
});

test('a version with build metadata becomes a tag', () => {
  expect(imageTag('v1.2.3+build.5')).toBe('v1.2.3_build.5');
  expect(isImageTag(imageTag('v1.2.3+build.5'))).toBe(true);
});
