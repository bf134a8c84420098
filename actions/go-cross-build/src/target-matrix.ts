import type { BuildUnit, Target } from '@slipway/go';

/** One job of the matrix; `targets` and `packages` go back into the inputs of the same name. */
export interface MatrixJob {
  name: string;
  targets: string;
  packages: string;
}

/** What is to be spread over jobs. */
export interface MatrixWork {
  units: readonly BuildUnit[];
  cores: number;
  maxJobs: number;
  /** With images, a program's platforms must stay in one job, since one job writes the index. */
  hasImages: boolean;
  /** Then one job has all that goes into a universal program. */
  hasUniversal: boolean;
}

// Measured on one core with an empty build cache: about 0.25 s to compile a package, 2 s to link a
// program. A job of its own costs half a minute of set-up.
const secondsPerPackage = 0.25;
const secondsPerLink = 2;
const setUpSeconds = 30;
/** What is done within this is not worth a second job. */
const shortSeconds = 120;

/** What cannot be cut further: a target, or with images a program with all its platforms. */
interface Piece {
  name: string;
  builds: { target: string; importPaths: readonly string[]; packages: readonly string[] }[];
}

function pieces({ units, hasImages, hasUniversal }: MatrixWork): Piece[] {
  const found = new Map<string, Piece>();
  const add = (name: string, build: Piece['builds'][number]): void => {
    const piece = found.get(name) ?? { name, builds: [] };
    piece.builds.push(build);
    found.set(name, piece);
  };
  const placeOf = ({ goos, text }: Target): string =>
    hasUniversal && goos === 'darwin' ? goos : text;
  for (const { target, mains } of units)
    for (const { name, sources, packages } of mains)
      add(hasImages ? name : placeOf(target), {
        target: target.text,
        importPaths: sources,
        packages,
      });
  return [...found.values()];
}

/** Programs of one target share what they have in common; targets share nothing. */
function secondsOf(bin: readonly Piece[], cores: number): number {
  const builds = bin.flatMap((piece) => piece.builds);
  const compiled = new Set(
    builds.flatMap(({ target, packages }) => packages.map((each) => `${target} ${each}`)),
  );
  return (compiled.size * secondsPerPackage + builds.length * secondsPerLink) / cores;
}

function pack(sorted: readonly Piece[], jobs: number, cores: number): Piece[][] {
  const bins: Piece[][] = Array.from({ length: jobs }, () => []);
  for (const piece of sorted) {
    const costs = bins.map((bin) => secondsOf([...bin, piece], cores));
    bins[costs.indexOf(Math.min(...costs))]?.push(piece);
  }
  return bins.filter((bin) => bin.length > 0);
}

/**
 * Packs the work into as few jobs as are done in two minutes or come within a tenth of the shortest
 * time to be had with `maxJobs`, counted for an empty build cache: each job is billed in whole minutes
 * and has its set-up.
 */
export function planMatrix(work: MatrixWork): MatrixJob[] {
  const { cores } = work;
  const sorted = pieces(work).sort(
    (a, b) => secondsOf([b], cores) - secondsOf([a], cores) || (a.name < b.name ? -1 : 1),
  );
  const longest = (bins: readonly (readonly Piece[])[]): number =>
    Math.max(...bins.map((bin) => secondsOf(bin, cores)));
  const most = Math.min(work.maxJobs, sorted.length);
  const plans = Array.from({ length: most }, (_, index) => pack(sorted, index + 1, cores));
  const best = Math.min(...plans.map(longest));
  const enough = Math.max(shortSeconds, (best + setUpSeconds) * 1.1 - setUpSeconds);
  const chosen = plans.find((plan) => longest(plan) <= enough);
  return (chosen ?? []).map((bin, index) => ({
    name: jobName(bin, index, chosen?.length ?? 0),
    targets: union(bin, ({ builds }) => builds.map(({ target }) => target)),
    packages: union(bin, ({ builds }) => builds.flatMap(({ importPaths }) => importPaths)),
  }));
}

function jobName(bin: readonly Piece[], index: number, jobs: number): string {
  if (jobs === 1) return 'all';
  const names = bin.map(({ name }) => name).join(', ');
  return bin.length === 1 ? names : `${index + 1} of ${jobs}: ${names}`.slice(0, 100);
}

function union(bin: readonly Piece[], of: (piece: Piece) => readonly string[]): string {
  return [...new Set(bin.flatMap(of))].sort().join('\n');
}
