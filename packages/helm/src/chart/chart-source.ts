/** Where a chart comes from. Versions are exact or a range (`^1.2`, `>=1 <2`); empty for the newest. */
export type ChartSource =
  /** A folder or a packaged chart on this machine. */
  | { kind: 'local'; path: string }
  /** `oci://host/path/chart`, perhaps with a tag or a digest. */
  | { kind: 'registry'; reference: string; version: string }
  /** A chart by its name in the index of a repository. */
  | { kind: 'repository'; url: string; name: string; version: string }
  /** `alias/chart`, of a repository that an earlier step made known with `helm repo add`. */
  | { kind: 'known-repository'; reference: string; version: string }
  /** A packaged chart at an address of its own. */
  | { kind: 'archive'; url: string };

/** A user and the password or token. */
export interface Login {
  username: string;
  password: string;
}

/** What it takes to get at a chart and its dependencies. */
export interface ChartAccess {
  /** At the repository, or the site of an archive. */
  repository: Login | undefined;
  /** Whether the repository's login goes to other hosts that its index names, too. */
  passCredentials: boolean;
  /** File with the certificates (PEM) to trust; those of the system when undefined. */
  caFile: string | undefined;
  /** File of public keys that must have signed the chart; undefined to verify nothing. */
  keyring: string | undefined;
}

/** What a chart is called in messages, without credentials. */
export function chartSourceText(source: ChartSource): string {
  switch (source.kind) {
    case 'local':
      return source.path;
    case 'archive':
      return source.url;
    case 'repository':
      return `${source.name}${versionText(source.version)} of ${source.url}`;
    case 'registry':
    case 'known-repository':
      return `${source.reference}${versionText(source.version)}`;
  }
}

function versionText(version: string): string {
  return version === '' ? '' : ` ${version}`;
}
