import { describe, expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws', RUNNER_TEMP: '/tmp' }, 'linux');
const digest = `sha256:${'a'.repeat(64)}`;
const parse = (values: Record<string, string>) => parseInputs(inputValues(values), runner);

describe('the inputs', () => {
  test('all have defaults', () => {
    expect(parse({})).toMatchObject({
      targets: ['linux/amd64'],
      packages: ['./...'],
      cgo: 'auto',
      archives: {
        archive: true,
        archiveName: '{name}_{version}_{os}_{arch}',
        archiveFormat: { '': 'tar.gz', windows: 'zip' },
        archiveFiles: [],
        universal: 'false',
      },
      sbom: true,
      images: {
        image: '',
        base: undefined,
        caCertificates: true,
        tzdata: true,
        budget: { bytes: 5_000_000, isOurs: true },
      },
    });
  });

  test.each([
    [{ version: 'api/v1.2.0' }, /version: .*behind the slash/],
    [{ version: '1.0 -X main.a=b' }, /version/],
    [{ version: '-v' }, /version/],
    [{ program: 'a/b' }, /program: "a\/b" cannot be the name/],
    [{ program: 'x\ny' }, /program: of several, each is written as package=name/],
    [{ dirty: 'no' }, /dirty/],
    [{ 'local-replace': 'no' }, /local-replace/],
    [{ clean: 'maybe' }, /clean/],
    [{ version: '1.0\n::error::x' }, /version/],
    [{ packages: '-exec=/bin/sh' }, /packages: .* begins with "-"/],
    [{ packages: './...\n-toolexec=x' }, /packages/],
    [{ targets: '--help' }, /targets/],
    [{ targets: 'linux/amd64;rm' }, /targets: .*os\/arch/],
    [{ targets: '../../etc' }, /targets/],
    [{ targets: 'linux/**/v7*' }, /targets: .*a glob such as linux\/\*/],
    [{ 'output-dir': '../elsewhere' }, /output-dir: .*outside the workspace/],
    [{ 'output-dir': '/etc' }, /output-dir/],
    [{ 'working-directory': '..' }, /working-directory/],
    [{ ldflags: '-s\n-toolexec=x' }, /ldflags: .*one line/],
    [{ tags: 'a,b -x' }, /tags/],
    [{ stamps: 'version=1' }, /stamps: .*import\/path\.name=value/],
    [{ stamps: "main.v=1' -extld=/bin/evil" }, /stamps/],
    [{ 'archive-name': '{nam}' }, /archive-name: .*did you mean \{name\}/],
    [{ 'archive-format': 'rar' }, /archive-format: "rar" is unknown; valid values: tar\.gz/],
    [{ 'archive-format': 'windows=7z' }, /archive-format: "7z"/],
    [{ 'archive-files': 'a=../b' }, /archive-files: "a" has a place that is no plain path/],
    [{ 'archive-files': 'a=/b' }, /archive-files/],
    [{ 'archive-files': '=b' }, /archive-files: "" has no file/],
    [{ 'archive-files': 'a', archive: 'false' }, /archive-files: given with archive: false/],
    [{ 'archive-files': '!a' }, /archive-files: "!a" takes files out/],
    [{ universal: 'yes' }, /universal: .*false, true, only/],
    [{ cgo: 'maybe' }, /cgo: .*auto, true, false/],
    [{ image: 'ghcr.io/acme/api:v1' }, /image: .*has a tag/],
    [{ image: 'ghcr.io/Acme' }, /upper-case/],
    [{ image: 'ghcr.io/acme', 'image-tags': 'a/b' }, /image-tags/],
    [{ image: 'ghcr.io/acme', 'image-tags': '{commit}' }, /image-tags/],
    [{ 'image-base': 'gcr.io/distroless/static:nonroot' }, /image-base: .*is not pinned.*@sha256/],
    [{ 'image-base': `gcr.io/Upper@${digest}` }, /image-base: .*upper-case/],
    [{ 'image-files': 'migrations' }, /image-files: "migrations" is not of the form glob=\/place/],
    [{ 'image-files': 'a=b' }, /image-files/],
    [{ 'image-files': 'a=/../b' }, /image-files: .*no plain path/],
    [{ 'image-files': 'a=/b owner=root' }, /image-files/],
    [{ 'image-files': 'a=/b mode=0999' }, /image-files/],
    [{ 'image-ports': '80:80' }, /image-ports: "80:80" is no port/],
    [{ 'image-ports': '70000' }, /image-ports/],
    [{ 'image-user': 'nobody' }, /image-user: .*names are known where image-base/],
    [{ 'image-env': '1A=b' }, /image-env/],
    [{ 'image-budget': 'small' }, /image-budget: "small" is not a size/],
    [{ 'image-tags': 'v1' }, /image-tags: given without image/],
    [{ image: 'ghcr.io/a/b', 'registry-username': 'ann' }, /is the secret defined here/],
    [{ 'max-jobs': '0' }, /max-jobs/],
  ])('%j are refused', (values, message) => {
    expect(() => parse(values as unknown as Record<string, string>)).toThrow(message);
  });

  test('say of images upon a base what the base says, and of a given budget that it is meant', () => {
    const { images } = parse({
      'image-base': `gcr.io/distroless/static:nonroot@${digest}`,
      'image-files': 'db/*.sql=/srv/db/ owner=1000 mode=0640\ncert.pem = /etc/cert.pem',
      'image-ports': '8080\n53/udp',
      'image-user': 'nonroot',
      'image-budget': '20MB',
    });
    expect(images).toMatchObject({
      base: { name: { registry: 'gcr.io', repository: 'distroless/static' }, digest },
      files: [
        { glob: 'db/*.sql', place: 'srv/db/', owner: 1000, mode: 0o640 },
        { glob: 'cert.pem', place: 'etc/cert.pem' },
      ],
      caCertificates: false,
      tzdata: false,
      start: { ports: ['8080/tcp', '53/udp'], user: 'nonroot' },
      budget: { bytes: 20_000_000, isOurs: false },
    });
  });

  test('say of archives what each system gets', () => {
    const formats = 'zip\nlinux=tar.zst\nwindows=tar.gz';
    const { archives } = parse({ 'archive-format': formats, 'archive-files': 'a/*\nb = c/' });
    expect(archives).toMatchObject({
      archiveFormat: { '': 'zip', linux: 'tar.zst', windows: 'tar.gz' },
      archiveFiles: [
        { glob: 'a/*', place: undefined },
        { glob: 'b', place: 'c/' },
      ],
    });
  });

  test('take tags from settings also where no image is made, as for a pull request', () => {
    const settings = JSON.stringify({ 'image-tags': '{version}\nlatest' });
    expect(parse({ settings })).toMatchObject({
      images: { image: '', tags: ['{version}', 'latest'] },
    });
  });

  test('are all judged at once', () => {
    expect(() => parse({ version: 'a b', cgo: 'x', targets: 'y' })).toThrow(
      /version[^]*cgo[^]*targets|cgo[^]*targets/,
    );
  });
});
