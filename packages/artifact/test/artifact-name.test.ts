import { describe, expect, test } from '@jest/globals';
import { artifactName, checkArtifactName, usualArtifactName } from '../src/index.ts';

const named = (targetSlug: string) => ({ program: 'api', version: 'v1.2.0', targetSlug });

describe('the name of a file', () => {
  test.each([
    [usualArtifactName, 'linux_amd64', 'api_1.2.0_linux_amd64'],
    [usualArtifactName, 'linux_armv7', 'api_1.2.0_linux_armv7'],
    // As the configuration that "goreleaser init" writes has them.
    ['{name}_{Os}_{machine}', 'darwin_amd64', 'api_Darwin_x86_64'],
    ['{name}_{Os}_{machine}', 'windows_386', 'api_Windows_i386'],
    ['{name}_{Os}_{machine}', 'linux_armv6', 'api_Linux_armv6'],
    ['{name}_{Os}_{machine}', 'linux_amd64v3', 'api_Linux_x86_64v3'],
    ['{name}-{tag}.{os}-{arch}', 'linux_mips_softfloat', 'api-v1.2.0.linux-mips_softfloat'],
  ])('%s for %s is %s', (template, slug, expected) => {
    expect(() => checkArtifactName(template)).not.toThrow();
    expect(artifactName(template, named(slug))).toBe(expected);
  });

  test.each([
    ['{name}_{Arch}', /"\{Arch\}" is no placeholder \(did you mean \{arch\}\?\)/],
    ['{{ .ProjectName }}_{{ .Os }}', /valid are \{name\}, \{version\}/],
    ['{name', /no placeholder/],
    ['../{name}', /no file name/],
    ['{name}/{os}', /no file name/],
    ['{constructor}', /no placeholder/],
    ['-{name}', /no file name/],
    ['', /no file name/],
  ])('is not made of %j', (template, message) => {
    expect(() => checkArtifactName(template)).toThrow(message);
  });
});
