import { describe, expect, test } from '@jest/globals';
import { parseBuildInfo, renderSbom, sha256 } from '../src/index.ts';
import { cycloneDxChecker } from './cyclonedx-schema.ts';

// As go1.26 printed it for two programs; the second file is no Go program.
const printed = [
  '/tmp/api: go1.26.8',
  '\tpath\texample.com/shop/services/api',
  '\tmod\texample.com/shop\tv1.1.0\t',
  '\tdep\tgithub.com/beorn7/perks\tv1.0.1\th1:VlbKKnNfV8bJzeqoa4cOKqO6bYr3WgKZxO8Z16+hsOM=',
  '\tdep\texample.com/replaced\tv1.0.0',
  '\t=>\t./local\t(devel)\t',
  '\tbuild\t-trimpath=true',
  '\tbuild\tCGO_ENABLED=0',
  '\tbuild\tvcs.modified=false',
  '',
].join('\n');

describe('build information', () => {
  test('is read for each program', () => {
    const info = parseBuildInfo(`${printed}C:\\x y\\b: go1.26.8\n\tpath\tb\n`);
    expect([...info.keys()]).toEqual(['/tmp/api', 'C:\\x y\\b']);
    expect(info.get('/tmp/api')).toEqual({
      goVersion: 'go1.26.8',
      packagePath: 'example.com/shop/services/api',
      main: { path: 'example.com/shop', version: 'v1.1.0' },
      deps: [
        {
          path: 'github.com/beorn7/perks',
          version: 'v1.0.1',
          sum: 'h1:VlbKKnNfV8bJzeqoa4cOKqO6bYr3WgKZxO8Z16+hsOM=',
        },
        { path: 'example.com/replaced', version: 'v1.0.0' },
      ],
      settings: { '-trimpath': 'true', CGO_ENABLED: '0', 'vcs.modified': 'false' },
    });
  });

  test('is absent for what is no Go program', () => {
    expect(
      parseBuildInfo('x.wasm: could not read Go build info from x.wasm: unrecognized\n'),
    ).toEqual(new Map());
  });
});

describe('an SBOM', () => {
  const subject = {
    name: 'api',
    version: 'v1.1.0',
    importPath: 'example.com/shop/services/api',
    module: 'example.com/shop',
    sha256: 'ab'.repeat(32),
    goVersion: 'go1.26.8',
    modules: parseBuildInfo(printed).get('/tmp/api')?.deps ?? [],
    epochSeconds: 1_700_000_000,
  };

  test('lists the linked modules and the standard library with package URLs', () => {
    const bom = JSON.parse(renderSbom(subject)) as {
      components: { purl: string; hashes?: unknown }[];
      metadata: { timestamp: string };
    };
    expect(bom.components.map(({ purl }) => purl)).toEqual([
      'pkg:golang/example.com/replaced@v1.0.0',
      'pkg:golang/github.com/beorn7/perks@v1.0.1',
      'pkg:golang/stdlib@1.26.8',
    ]);
    expect(bom.components[1]?.hashes).toEqual([
      {
        alg: 'SHA-256',
        content: '5656ca2a735f57c6c9cdeaa86b870e2aa3ba6d8af75a0299c4ef19d7afa1b0e3',
      },
    ]);
    expect(bom.metadata.timestamp).toBe('2023-11-14T22:13:20Z');
  });

  test('keeps to the schema that CycloneDX publishes, which refuses other things', () => {
    const problems = cycloneDxChecker('1.5');
    const local = { path: 'example.com/a b/ü', version: '(devel)' };
    for (const changed of [
      subject,
      { ...subject, modules: [] },
      { ...subject, epochSeconds: 0, modules: [local, ...subject.modules] },
    ])
      expect(problems(JSON.parse(renderSbom(changed)))).toEqual([]);
    const bom = JSON.parse(renderSbom(subject)) as object;
    expect(problems({ ...bom, serialNumber: 'urn:uuid:1' })).toEqual([
      expect.stringMatching(/^\/serialNumber must match pattern/),
    ]);
    expect(problems({ ...bom, components: [{ type: 'libary', name: 'x' }] })).not.toEqual([]);
  });

  test.each([
    ['example.com/shop', 'pkg:golang/example.com/shop@v1.1.0#services/api'],
    ['example.com/shop/services/api', 'pkg:golang/example.com/shop/services/api@v1.1.0'],
    [undefined, 'pkg:golang/example.com/shop/services/api@v1.1.0'],
  ])('names its program as a package of the module %s', (module, purl) => {
    const { metadata, dependencies } = JSON.parse(renderSbom({ ...subject, module })) as {
      metadata: { component: { purl: string } };
      dependencies: { ref: string }[];
    };
    expect([metadata.component.purl, dependencies[0]?.ref]).toEqual([purl, purl]);
  });

  test('is the same for the same program, and another for another', () => {
    expect(sha256(renderSbom(subject))).toMatchInlineSnapshot(
      `"be2b35312917564d95585079f30690e984bb8ee7a939ce5f1b50b9530fdd1f4c"`,
    );
    const serial = (text: string): unknown =>
      (JSON.parse(text) as { serialNumber: unknown }).serialNumber;
    expect(serial(renderSbom({ ...subject, version: 'v2' }))).not.toBe(serial(renderSbom(subject)));
    expect(serial(renderSbom(subject))).toMatch(
      /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    );
  });
});
