/** Who may have written a pack: see BuildClass; modules are checked by Go against go.sum, whoever wrote them. */
export type PackClass = 'modules' | 'open' | 'protected';

/** One immutable entry of files, as a manifest lists it. */
export interface ListedPack {
  key: string;
  /** Of the archive, which is what travels. */
  packedBytes: number;
  /** Of the files. */
  bytes: number;
  files: number;
  /** How long the job took that made the files: what it costs to do without them. Measured, milliseconds. */
  worthMs: number;
  /** Of how many manifests in a row no run used any of its files. */
  idle: number;
  /** Path and size of each file, where a run may need some of the packs alone. */
  contents?: (readonly [path: string, bytes: number])[];
}

/**
 * The small entry that says which packs make up a layer. Found by the beginning of its key, the newest first; never
 * written twice, so that no two jobs compete for a key.
 */
export interface Manifest {
  packs: ListedPack[];
  /** Jobs, by a digest, that found in these packs all that they needed. */
  jobs: string[];
  /** Paths that a job needs besides those that go.sum names, by the digest of the job: tools that it installs. */
  tools: Record<string, string[]>;
}

/** More packs than this are joined into one at the next save. */
export const mostPacks = 6;

const packKey = /^slipway-pack-v3-(modules|open|protected)-[0-9a-f]{32}$/;

/** The class that the key of a pack says; undefined for a key of another kind. */
export const packClass = (key: string): PackClass | undefined =>
  packKey.exec(key)?.[1] as PackClass | undefined;

const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0;

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

function isListedPack(value: unknown): value is ListedPack {
  const { key, packedBytes, bytes, files, worthMs, idle } = value as Partial<ListedPack>;
  return (
    typeof key === 'string' &&
    packKey.test(key) &&
    [packedBytes, bytes, files, worthMs, idle].every(isAmount)
  );
}

/** Reads a manifest. Throws when the text is none. */
export function readManifest(text: string): Manifest {
  const { packs, jobs, tools = {} } = JSON.parse(text) as Partial<Record<keyof Manifest, unknown>>;
  const isWhole =
    Array.isArray(packs) &&
    packs.length <= 4 * mostPacks &&
    packs.every(isListedPack) &&
    isTexts(jobs) &&
    typeof tools === 'object' &&
    Object.values(tools ?? {}).every(isTexts);
  if (!isWhole) throw new Error('the manifest is damaged');
  return { packs, jobs: jobs as string[], tools: tools as Manifest['tools'] };
}
