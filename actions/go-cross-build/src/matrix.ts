import type { BuildUnit } from '@slipway/go';

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
}

// Measured on one core with an empty build cache: about 0.25 s to compile a package, 2 s to link a
// program. A job of its own costs half a minute of set-up.
const secondsPerPackage = 0.25;
const secondsPerLink = 2;
const setUpSeconds = 30;
/** What is done within this is not worth a second job. */
const shortSeconds = 120;

interface Piece {
  name: string;
  targets: readonly string[];
  packages: readonly string[];
  seconds: number;
}

function pieces({ units, cores, hasImages }: MatrixWork): Piece[] {
  const cost = (packages: number, links: number): number =>
    (packages * secondsPerPackage + links * secondsPerLink) / cores;
  const found = new Map<string, Piece>();
  const add = (name: string, targets: string[], packages: string[], seconds: number): void => {
    const old = found.get(name);
    found.set(name, {
      name,
      targets: [...new Set([...(old?.targets ?? []), ...targets])],
      packages: [...new Set([...(old?.packages ?? []), ...packages])],
      seconds: (old?.seconds ?? 0) + seconds,
    });
  };
  for (const unit of units) {
    const target = unit.target.text;
    if (!hasImages)
      add(
        target,
        [target],
        unit.mains.map(({ importPath }) => importPath),
        cost(unit.packageCount, unit.mains.length),
      );
    else
      for (const main of unit.mains)
        add(main.name, [target], [main.importPath], cost(main.packages.length, 1));
  }
  return [...found.values()].sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1));
}

function pack(sorted: readonly Piece[], jobs: number): Piece[][] {
  const bins = Array.from({ length: jobs }, () => ({ seconds: 0, pieces: [] as Piece[] }));
  for (const piece of sorted) {
    const least = bins.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.seconds += piece.seconds;
    least.pieces.push(piece);
  }
  return bins.map((bin) => bin.pieces).filter((bin) => bin.length > 0);
}

function longest(bins: readonly (readonly Piece[])[]): number {
  return Math.max(...bins.map((bin) => bin.reduce((sum, { seconds }) => sum + seconds, 0)));
}

/**
 * Packs the work into as few jobs as are done in two minutes or come within a tenth of the shortest
 * time to be had with `maxJobs`, counted for an empty build cache: each job is billed in whole minutes
 * and has its set-up.
 */
export function planMatrix(work: MatrixWork): MatrixJob[] {
  const sorted = pieces(work);
  const most = Math.min(work.maxJobs, sorted.length);
  const plans = Array.from({ length: most }, (_, index) => pack(sorted, index + 1));
  const best = Math.min(...plans.map(longest));
  const enough = Math.max(shortSeconds, (best + setUpSeconds) * 1.1 - setUpSeconds);
  const chosen = plans.find((plan) => longest(plan) <= enough);
  return (chosen ?? []).map((bin, index) => ({
    name: jobName(bin, index, chosen?.length ?? 0),
    targets: union(bin, ({ targets }) => targets),
    packages: union(bin, ({ packages }) => packages),
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
