import { describe, expect, test } from '@jest/globals';
import { imageTag, isImageTag, parseImageName } from '../src/index.ts';

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
    ['127.0.0.1.evil.example/a', 'https://127.0.0.1.evil.example'],
    ['localhost.evil.example:80/a', 'https://localhost.evil.example:80'],
    ['[::1]:5000/a', 'http://[::1]:5000'],
    ['127.8.8.8:1/a', 'http://127.8.8.8:1'],
  ])('%s is spoken to at %s: without TLS on this machine alone', (text, origin) => {
    expect(parseImageName(text).origin).toBe(origin);
  });
});

test('a version with build metadata becomes a tag', () => {
  expect(imageTag('v1.2.3+build.5')).toBe('v1.2.3_build.5');
  expect(isImageTag(imageTag('v1.2.3+build.5'))).toBe(true);
});
