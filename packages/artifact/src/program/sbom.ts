import type { LinkedModule } from './build-info.ts';
import { sha256 } from '../file/index.ts';

/** What an SBOM of one program is made from. */
export interface SbomSubject {
  /** The program's name. */
  name: string;
  version: string;
  importPath: string;
  /** The module that the program's package is in; undefined for a program without one. */
  module: string | undefined;
  /** Of the program's file. */
  sha256: string;
  goVersion: string;
  modules: readonly LinkedModule[];
  epochSeconds: number;
}

/** A package URL of type golang (github.com/package-url/purl-spec). */
function purl(path: string, version: string): string {
  const name = path.split('/').map(encodeURIComponent).join('/');
  return `pkg:golang/${name}${version === '' ? '' : `@${encodeURIComponent(version)}`}`;
}

/** The package URL of a program: its module, and the package in it as a subpath. */
function programPurl({ importPath, module, version }: SbomSubject): string {
  if (module === undefined || !`${importPath}/`.startsWith(`${module}/`))
    return purl(importPath, version);
  const subpath = importPath
    .slice(module.length + 1)
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return purl(module, version) + (subpath === '' ? '' : `#${subpath}`);
}

function sha256Hash(content: string): { alg: string; content: string } {
  return { alg: 'SHA-256', content };
}

function libraryComponent({ path, version, sum }: LinkedModule) {
  const base64 = /^h1:(.+)$/.exec(sum ?? '')?.[1];
  const hash = base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': purl(path, version),
    name: path,
    version,
    purl: purl(path, version),
    ...(hash === undefined ? {} : { hashes: [sha256Hash(hash)] }),
  };
}

function metadata(subject: SbomSubject) {
  const self = programPurl(subject);
  const component = {
    type: 'application',
    'bom-ref': self,
    name: subject.name,
    version: subject.version,
    purl: self,
    hashes: [sha256Hash(subject.sha256)],
  };
  if (subject.epochSeconds === 0) return { component };
  const timestamp = new Date(subject.epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
  return { timestamp, component };
}

/** A UUID that says nothing but what it was made from (RFC 9562, version 8). */
function contentUuid(content: string): string {
  const digest = sha256(content);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `a${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}

/**
 * A CycloneDX 1.5 JSON SBOM of the modules linked into one program. Reproducible: its serial number
 * is made from its content and its time is the commit's.
 */
export function renderSbom(subject: SbomSubject): string {
  const standardLibrary = { path: 'stdlib', version: subject.goVersion.replace(/^go/, '') };
  const components = [...subject.modules, standardLibrary]
    .map(libraryComponent)
    .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const body = {
    metadata: metadata(subject),
    components,
    dependencies: [
      {
        ref: programPurl(subject),
        dependsOn: components.map((each) => each['bom-ref']),
      },
    ],
  };
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${contentUuid(JSON.stringify(body))}`,
    version: 1,
    ...body,
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}
