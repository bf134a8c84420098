import { restoreCache, saveCache } from '@actions/cache';
import * as fs from 'node:fs';
import path from 'node:path';
import { errorMessage } from '@slipway/runtime';
import { lackOfGnuTar } from './gnu-tar.ts';
import { captureStdout, type Listener } from './printed-lines.ts';
import { countTraffic } from './traffic.ts';
import type { Fetched, Stored, Transfer } from './transfer.ts';

/**
 * The folder that is packed. The toolkit hashes this text into the version of every entry, so it is the same in all
 * folders and on all systems; changing it makes every entry of before invisible.
 */
const packed = 'slipway';

/**
 * For GNU tar, which the toolkit makes unpack with -P, so that an entry could write anywhere: every file, link and
 * target of a link loses its folders, and lands in the one folder that tar works in.
 */
const flattened = String.raw`--transform=s,^.*/,,`;

const lookupOnly = { lookupOnly: true };
/** For one segment of 128 MiB; the caller's patience ends before, this bounds what nobody waits for any more. */
const segmentTimeoutInMs = 600_000;

/** What the toolkit says when an archive came and could not be unpacked (@actions/cache, internal/tar). */
const isUnpacking = /(?:tar|zstd|zstdmt|gzip)(?:\.exe)?"? failed with error/;

/** The first warning or error among workflow commands, without the toolkit's own beginning. */
function complaint(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const text = /^::(?:warning|error)[^:]*::(?:Failed to (?:restore|save): )?(.*)$/.exec(
      line,
    )?.[1];
    if (text !== undefined) return text;
  }
  return undefined;
}

/**
 * Why a save came to nothing. Of a reservation that it did not get the toolkit says only at debug level why (version 2
 * of the service) or at the end of its sentence (version 1).
 */
function refusal(lines: readonly string[]): Stored {
  const text = lines.join('\n');
  if (text.includes('cache write denied')) return { kind: 'denied' };
  if (/\(409\)|already.exists/i.test(text)) return { kind: 'taken' };
  const reason = /(?:Failed to reserve cache: (?:Error: )?|More details: )(.+)/.exec(text)?.[1];
  return { kind: 'failed', why: reason ?? complaint(lines) ?? 'the cache service did not say why' };
}

function archiveBytes(folder: string): number {
  for (const name of fs.readdirSync(folder))
    for (const file of ['cache.tzst', 'cache.tgz']) {
      const stat = fs.statSync(path.join(folder, name, file), { throwIfNoEntry: false });
      if (stat !== undefined) return stat.size;
    }
  return 0;
}

async function fetched(
  listen: Listener,
  [key = '', ...others]: readonly string[],
  options: { lookupOnly?: boolean },
): Promise<Fetched> {
  try {
    const { value, lines } = await listen(() =>
      restoreCache([packed], key, others, { segmentTimeoutInMs, ...options }, true),
    );
    if (value !== undefined) return { kind: 'found', key: value };
    const why = complaint(lines);
    if (why === undefined) return { kind: 'missing' };
    return { kind: isUnpacking.test(why) ? 'damaged' : 'failed', why };
  } catch (error) {
    return { kind: 'failed', why: errorMessage(error) };
  }
}

/**
 * The way through @actions/cache, for a process that does nothing else: it takes over the working folder, standard
 * output and some of the environment of this process. `folder` must be empty, and is left full.
 */
export async function toolkitTransfer(
  folder: string,
  owner: {
    env: NodeJS.ProcessEnv;
    platform: NodeJS.Platform;
    stdout: NodeJS.WriteStream;
    chdir: (folder: string) => void;
  },
): Promise<Transfer & { print: (line: string) => Promise<void> }> {
  const lack = await lackOfGnuTar(owner.env, owner.platform);
  const [arrivals, archives] = ['in', 'archives'].map((name) => path.join(folder, name)) as [
    string,
    string,
  ];
  for (const made of [arrivals, archives]) fs.mkdirSync(made, { recursive: true });
  const { listen, print } = captureStdout(owner.stdout);
  const traffic = countTraffic();
  const enter = (place: string): void => {
    owner.env['GITHUB_WORKSPACE'] = place;
    owner.chdir(place);
  };
  // Where the toolkit lays archives down while they come and go.
  owner.env['RUNNER_TEMP'] = archives;
  owner.env['TAR_OPTIONS'] = flattened;
  enter(arrivals);
  let departures = 0;
  return {
    arrivals,
    traffic,
    print,
    packedBytes: () => archiveBytes(archives),
    fetch: async (keys) =>
      lack === undefined ? fetched(listen, keys, {}) : { kind: 'failed', why: lack },
    exists: async (key) => (await fetched(listen, [key], lookupOnly)).kind === 'found',
    departure: () => {
      departures += 1;
      const place = path.join(folder, `out-${departures}`, packed);
      fs.mkdirSync(place, { recursive: true });
      return place;
    },
    store: async (key, place) => {
      enter(path.dirname(place));
      // As it is: flattening is for what comes from outside.
      delete owner.env['TAR_OPTIONS'];
      const before = traffic().sent;
      try {
        const { value, lines } = await listen(() => saveCache([packed], key, {}, true));
        // Of version 1 the toolkit returns the number of the reservation also when the upload failed.
        if (value === -1 || lines.some((line) => line.includes('Failed to save')))
          return refusal(lines);
        return { kind: 'stored', packedBytes: traffic().sent - before };
      } catch (error) {
        return { kind: 'failed', why: errorMessage(error) };
      }
    },
  };
}
