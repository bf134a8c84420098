import type { LinkedModule } from './build-info.ts';
import { sha256 } from '../file/index.ts';

/** What an SBOM of one program is made from. */
export interface SbomSubject {
  /** The program's name. */
  name: string;
  version: string;
  importPath: string;
  /** Of the program's file. */
  sha256: string;
  goVersion: string;
  modules: readonly LinkedModule[];
  epochSeconds: number;
}

function purl(path: string, version: string): string {
  const name = path.split('/').map(encodeURIComponent).join('/');
  return `pkg:golang/${name}${version === '' ? '' : `@${encodeURIComponent(version)}`}`;
}

function moduleHash(sum: string | undefined): { alg: string; content: string }[] {
  const base64 = /^h1:(.+)$/.exec(sum ?? '')?.[1];
  return base64 === undefined
    ? []
    : [{ alg: 'SHA-256', content: Buffer.from(base64, 'base64').toString('hex') }];
}

/**
 * A CycloneDX 1.5 JSON SBOM of the modules linked into one program. Reproducible: its serial number
 * is made from its content and its time is the commit's.
 */
export function renderSbom(subject: SbomSubject): string {
  const components = [
    ...subject.modules.map(({ path, version, sum }) => {
      const hashes = moduleHash(sum);
      return {
        type: 'library',
        'bom-ref': purl(path, version),
        name: path,
        version,
        purl: purl(path, version),
        ...(hashes.length === 0 ? {} : { hashes }),
      };
    }),
    {
      type: 'library',
      'bom-ref': purl('stdlib', subject.goVersion.replace(/^go/, '')),
      name: 'stdlib',
      version: subject.goVersion.replace(/^go/, ''),
      purl: purl('stdlib', subject.goVersion.replace(/^go/, '')),
    },
  ].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const root = purl(subject.importPath, subject.version);
  const body = {
    metadata: {
      ...(subject.epochSeconds === 0
        ? {}
        : { timestamp: new Date(subject.epochSeconds * 1000).toISOString().replace('.000Z', 'Z') }),
      component: {
        type: 'application',
        'bom-ref': root,
        name: subject.name,
        version: subject.version,
        purl: root,
        hashes: [{ alg: 'SHA-256', content: subject.sha256 }],
      },
    },
    components,
    dependencies: [{ ref: root, dependsOn: components.map((each) => each['bom-ref']) }],
  };
  const digest = sha256(JSON.stringify(body));
  const uuid = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `a${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
  return `${JSON.stringify(
    {
      $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: `urn:uuid:${uuid}`,
      version: 1,
      ...body,
    },
    undefined,
    2,
  )}\n`;
}
