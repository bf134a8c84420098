import type { CCompiler } from './cgo/c-compiler.ts';
import type { BuildSource } from './source.ts';
import { groupByStamps, stampFlags, type Stamp } from './stamps.ts';
import { splitPattern, type GoFlags } from './flags.ts';
import type { CgoMode, MainPackage } from './main-package.ts';
import type { TargetMains } from './mains.ts';
import type { Target } from '../target/index.ts';

/** One `go build`: all mains of one target that share the cgo setting. */
export interface BuildUnit {
  /** For logs, for example `linux/arm64` or `linux/arm64 (cgo)`. */
  name: string;
  target: Target;
  mains: readonly MainPackage[];
  cgo: boolean;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Packages of all its mains together: what is compiled with an empty cache. */
  packageCount: number;
}

/** What is built the same way for every target. */
export interface BuildSettings {
  source: BuildSource;
  /** What is written into variables of the programs, where they can take it. */
  stamps: readonly Stamp[];
  cgo: CgoMode;
  /** From the user, behind Slipway's own and so stronger. */
  ldflags: string;
  tags: readonly string[];
  goFlags: GoFlags;
}

// A static program runs in an image from scratch. Names resolved by glibc would need its shared
// libraries at run time all the same, so Go's own resolver and user lookup are taken.
const staticTags = ['netgo', 'osusergo'];

function isLinkedStatically(target: Target, cgo: boolean, ldflags: string): boolean {
  return cgo && target.goos === 'linux' && !/-(?:extldflags|linkmode)\b/.test(ldflags);
}

/**
 * The `go build` calls for one target; reads the mains' files for what can be stamped. The Go build ID is kept: without it macOS programs lose their
 * LC_UUID (golang/go#68678), and with -trimpath it is the same in every folder.
 */
export async function planTarget(
  { target, mains }: TargetMains,
  settings: BuildSettings,
  compiler: CCompiler | undefined,
): Promise<BuildUnit[]> {
  const isWithCgo = ({ cgoFor }: MainPackage): boolean =>
    settings.cgo === 'true' || cgoFor !== undefined;
  const units: BuildUnit[] = [];
  for (const cgo of [false, true]) {
    const chosen = mains.filter((main) => isWithCgo(main) === cgo);
    for (const { mains: grouped, stamps } of await groupByStamps(chosen, settings.stamps))
      for (const together of byDifferentNames(grouped))
        units.push(buildUnit(target, { mains: together, stamps, cgo }, settings, compiler));
  }
  return units;
}

/** Go writes the programs of one build into one folder, each under the name that it gives it. */
function byDifferentNames(mains: readonly MainPackage[]): MainPackage[][] {
  const rounds: MainPackage[][] = [];
  for (const main of mains) {
    const free = rounds.find((round) => round.every(({ goName }) => goName !== main.goName));
    if (free === undefined) rounds.push([main]);
    else free.push(main);
  }
  return rounds;
}

function buildUnit(
  target: Target,
  group: { mains: readonly MainPackage[]; cgo: boolean; stamps: readonly Stamp[] },
  settings: BuildSettings,
  compiler: CCompiler | undefined,
): BuildUnit {
  const { mains, cgo, stamps } = group;
  const { goFlags, source } = settings;
  const given = splitPattern(settings.ldflags);
  const forPatterns = [...goFlags.patternLdflags, ...(given.pattern === '' ? [] : [given])];
  const ownLdflags = [goFlags.ldflags, given.pattern === '' ? given.flags : '']
    .filter((each) => each !== '')
    .join(' ');
  const allLdflags = [ownLdflags, ...forPatterns.map(({ flags }) => flags)].join(' ');
  const isStatic = isLinkedStatically(target, cgo, allLdflags);
  const ldflags = [
    '-s',
    '-w',
    ...(isStatic ? ['-linkmode=external', '-extldflags=-static'] : []),
    ...stampFlags(stamps),
    ...(ownLdflags === '' ? [] : [ownLdflags]),
  ].join(' ');
  const tags = [
    ...new Set([...goFlags.tags, ...settings.tags, ...(isStatic ? staticTags : [])]),
  ].sort();
  return {
    name: cgo ? `${target.text} (cgo)` : target.text,
    target,
    mains,
    cgo,
    args: [
      '-trimpath',
      ...(goFlags.buildvcs ? [] : [`-buildvcs=${source.notStamped === undefined}`]),
      `-ldflags=${ldflags}`,
      // Of several that match a program Go takes the last alone, so each has all that is not for patterns.
      ...forPatterns.map(({ pattern, flags }) => `-ldflags=${pattern}=${ldflags} ${flags}`),
      ...(tags.length === 0 ? [] : [`-tags=${tags.join(',')}`]),
    ],
    env: {
      ...target.env,
      CGO_ENABLED: cgo ? '1' : '0',
      ...(cgo && compiler !== undefined
        ? { CC: compiler.cc, ...(compiler.cxx === undefined ? {} : { CXX: compiler.cxx }) }
        : {}),
    },
    packageCount: new Set(mains.flatMap(({ packages }) => packages)).size,
  };
}
