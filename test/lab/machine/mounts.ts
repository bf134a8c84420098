/**
 * Mount points under `folder`, deepest first, from the text of /proc/mounts; there a space is
 * written as \040 (fstab(5)).
 */
export function mountsUnder(mounts: string, folder: string): string[] {
  return mounts
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((point) => point.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}
