import { readYamlDocuments } from '@slipway/yaml';

/** One object of a rendered chart. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
  };
  spec?: Readonly<Record<string, unknown>>;
  data?: unknown;
  stringData?: unknown;
  /** The object as the chart wrote it, which goes to the API server just so. */
  source: string;
}

/** The object as Kubernetes takes it. */
export function plainObject(object: ManifestObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'source'));
}

/** `Deployment/api`, for people. */
export function objectName(object: { kind: string; metadata: { name: string } }): string {
  return `${object.kind}/${object.metadata.name}`;
}

function isObject(value: unknown): value is Omit<ManifestObject, 'source'> {
  const object = value as Partial<ManifestObject> | null;
  return (
    typeof object === 'object' &&
    object !== null &&
    typeof object.kind === 'string' &&
    typeof object.apiVersion === 'string' &&
    typeof object.metadata?.name === 'string'
  );
}

/** The objects of a manifest, Lists taken apart. Documents that are no object are passed over. */
export function parseManifest(manifest: string): readonly ManifestObject[] {
  const documents = readYamlDocuments(manifest, { name: 'The manifest of the release' });
  return documents.flatMap(({ value, source }): ManifestObject[] => {
    const { kind, items } = value as { kind?: unknown; items?: unknown };
    if (Array.isArray(items) && String(kind).endsWith('List'))
      return items.filter(isObject).map((item) => ({ ...item, source: JSON.stringify(item) }));
    return isObject(value) ? [{ ...value, source }] : [];
  });
}

/** The key under which an object is the same in two manifests. */
export function objectKey(object: ManifestObject, defaultNamespace: string): string {
  const [group, version] = object.apiVersion.split('/');
  return [
    version === undefined ? '' : group,
    object.kind,
    object.metadata.namespace ?? defaultNamespace,
    object.metadata.name,
  ].join('|');
}
