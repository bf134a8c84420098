import * as fs from 'node:fs';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { trackedPaths } from './tracked-files.ts';

/** 2000-01-01, so that all times lie in the past: the go command takes no result whose files are younger than 2 s. */
const earliestSeconds = 946_684_800;
/** About 18 years of microseconds. */
const times = 2n ** 49n;

/**
 * The time of a content, in seconds since 1970, told by its id alone: equal contents have equal times, and two
 * contents the same time with a chance of one in 5 · 10¹⁴.
 */
export function contentTime(id: string): number {
  const microseconds = BigInt(`0x${id.slice(0, 16)}`) % times;
  return earliestSeconds + Number(microseconds) / 1e6;
}

/**
 * Gives the committed files and folders of the checkout around `folder` times that follow from what they contain, so
 * that `go test` knows results of an earlier job again: it keys them by time and size of what a test opened
 * (go/src/cmd/go/internal/test: hashOpen, hashStat; golang/go#58571). An edit of equal size has another time. Returns
 * how many got one. Throws when there is no git or no checkout.
 */
export async function setContentTimes(
  exec: Exec,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const { top, paths } = await trackedPaths(exec, folder, signal);
  let set = 0;
  for (const { path: name, id } of paths) {
    const seconds = contentTime(id);
    try {
      fs.utimesSync(path.join(top, name), seconds, seconds);
      set += 1;
    } catch {
      // A sparse checkout lacks it, or it is another user's.
    }
  }
  // Git takes a file with another time for changed until it has read it again: once here, not in every `go build`.
  await exec('git', ['-c', 'safe.directory=*', 'update-index', '-q', '--refresh'], {
    cwd: top,
    signal,
    allowExitCodes: [1, 128],
  });
  return set;
}
