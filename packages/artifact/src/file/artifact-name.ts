/** The version as file names show it: without a leading `v`, as most release pages do. */
export function fileVersion(version: string): string {
  return version.replace(/^v(?=\d)/, '');
}

/** `api_1.1.0_linux_armv7`: program, version and target, as goreleaser names archives. */
export function artifactName(program: string, version: string, targetSlug: string): string {
  return `${program}_${fileVersion(version)}_${targetSlug}`;
}
