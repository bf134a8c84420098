import type { ArchiveEntry, StoredFile } from '@slipway/archive';

/** What an image holds of its own. */
export interface LayerContent {
  program: { name: string; content: Uint8Array | StoredFile };
  /** PEM certificates that the program trusts; absent leaves them out. */
  caCertificates?: string;
  /** Go's zoneinfo.zip; absent leaves time zones out. */
  zoneinfo?: Uint8Array;
  /** What else is asked for, by the path in the image without `/` in front. */
  files?: readonly ArchiveEntry[];
}

/** The user that the program runs as, numeric so that Kubernetes can check `runAsNonRoot`. */
export const nonroot = 65532;
/** Of folders that whoever runs may write to. */
const open = 0o1777;
const home = 'home/nonroot/';

/** Where things are in an image. */
export const places = {
  home: `/${home.slice(0, -1)}`,
  caCertificates: '/etc/ssl/certs/ca-certificates.crt',
  zoneinfo: '/usr/share/zoneinfo.zip',
} as const;

/** The program, what it needs to talk to others and tell the time, and what else is asked for. */
function fileEntries({
  program,
  caCertificates,
  zoneinfo,
  files = [],
}: LayerContent): ArchiveEntry[] {
  const isGiven = (place: string): boolean => files.some(({ path }) => path === place.slice(1));
  const entry = (place: string, content: Uint8Array): ArchiveEntry => ({
    path: place.slice(1),
    content,
    mode: 0o644,
  });
  return [
    { path: `app/${program.name}`, content: program.content, mode: 0o555 },
    ...(caCertificates === undefined || isGiven(places.caCertificates)
      ? []
      : [entry(places.caCertificates, Buffer.from(caCertificates))]),
    ...(zoneinfo === undefined || isGiven(places.zoneinfo)
      ? []
      : [entry(places.zoneinfo, zoneinfo)]),
    ...files,
  ];
}

function foldersOf(files: readonly ArchiveEntry[]): Set<string> {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at + 1));
  return folders;
}

// A cluster may have the program run as any user (OpenShift does); it could not even start in a
// working folder that it may not enter (GoogleContainerTools/distroless#718).
const homeEntry: ArchiveEntry = { path: home, mode: open, owner: nonroot };

/** The layer of an image from scratch: all of the above, a user database, a home and /tmp to write to. */
export function scratchEntries(content: LayerContent): ArchiveEntry[] {
  const passwd = [
    'root:x:0:0:root:/:/sbin/nologin',
    `nonroot:x:${nonroot}:${nonroot}:nonroot:${places.home}:/sbin/nologin`,
  ];
  const given = fileEntries(content);
  const isGiven = (place: string): boolean => given.some(({ path }) => path === place);
  const users: ArchiveEntry[] = [
    { path: 'etc/passwd', content: Buffer.from(`${passwd.join('\n')}\n`), mode: 0o644 },
    { path: 'etc/group', content: Buffer.from(`root:x:0:\nnonroot:x:${nonroot}:\n`), mode: 0o644 },
  ];
  const files = [...given, ...users.filter(({ path }) => !isGiven(path))];
  const folders = foldersOf(files).add('tmp/').add('home/');
  folders.delete(home);
  return [
    ...files,
    ...[...folders].map((path) => ({ path, mode: path === 'tmp/' ? open : 0o755 })),
    homeEntry,
  ];
}

/**
 * The layer upon a base: its users, /tmp and the rights of its folders stay as they are, so folders are
 * not written but for our own; `withHome` where the base says nothing of who runs.
 */
export function upperEntries(
  content: LayerContent,
  { withHome }: { withHome: boolean },
): ArchiveEntry[] {
  return [...fileEntries(content), { path: 'app/', mode: 0o755 }, ...(withHome ? [homeEntry] : [])];
}
