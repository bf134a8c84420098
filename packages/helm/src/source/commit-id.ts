/** Whether `text` is the full id of a commit: 40 hexadecimal digits, 64 in a SHA-256 repository. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** As many digits of an id as people compare. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 12);
}
