import * as fs from 'node:fs/promises';
import path from 'node:path';
import { sha256File, writeUniversal, type BuildInfo } from '@slipway/artifact';
import type { BuildUnit, MainPackage, Target } from '@slipway/go';
import { InputError } from '@slipway/runtime';
import type { Program } from './packaging.ts';

/** Whether programs for both processors of macOS are made, and whether those for one stay beside. */
export type Universal = 'false' | 'true' | 'only';

/** A main of a build. */
export interface PlannedProgram {
  unit: BuildUnit;
  main: MainPackage;
}

/** The processors, in the order in which a universal program holds them. */
const processors = ['amd64', 'arm64'];

/** As goreleaser names it, and `uname` no system. */
const target: Target = {
  text: 'darwin/all',
  goos: 'darwin',
  goarch: 'all',
  variant: undefined,
  env: {},
  slug: 'darwin_all',
  platform: { os: 'darwin', architecture: 'all' },
  cgoSupported: true,
};

/** What tells programs apart; names of files do not, for a universal one may have that of its parts. */
export function programKey({ unit, main }: PlannedProgram): string {
  return [unit.target.slug, ...main.sources].join('\n');
}

const isPart = ({ unit }: PlannedProgram): boolean =>
  unit.target.goos === 'darwin' &&
  unit.target.variant === undefined &&
  processors.includes(unit.target.goarch);

/** The programs of a plan that become one, by the main's import path: those for all processors alone. */
function parts<Part extends PlannedProgram>(programs: readonly Part[]): Part[][] {
  const byMain = new Map<string, Part[]>();
  for (const program of programs.filter(isPart)) {
    const key = program.main.sources.join('\n');
    byMain.set(key, [...(byMain.get(key) ?? []), program]);
  }
  const order = ({ unit }: Part): number => processors.indexOf(unit.target.goarch);
  return [...byMain.values()]
    .filter((some) => some.length === processors.length)
    .map((some) => some.toSorted((a, b) => order(a) - order(b)));
}

function joined(some: readonly PlannedProgram[]): PlannedProgram[] {
  const last = some.at(-1);
  if (last === undefined) return [];
  const { main } = last;
  const cgo = some.some(({ unit }) => unit.cgo);
  return [{ main, unit: { ...last.unit, name: target.text, target, mains: [main], cgo } }];
}

/** All programs that builds will leave files of, universal ones among them. */
export function plannedPrograms(
  units: readonly BuildUnit[],
  universal: Universal,
): PlannedProgram[] {
  const all = units.flatMap((unit) => unit.mains.map((main) => ({ unit, main })));
  if (universal === 'false') return all;
  const several = parts(all);
  return [
    ...all.filter((each) => universal !== 'only' || !several.flat().includes(each)),
    ...several.flatMap(joined),
  ];
}

/** Throws InputError when macOS is built for, but not for all that a universal program holds. */
export function checkUniversal(targets: readonly Target[]): void {
  const found = targets.filter(({ goos }) => goos === 'darwin');
  const missing = processors.filter(
    (each) => !found.some(({ goarch, variant }) => goarch === each && variant === undefined),
  );
  if (found.length === 0 || missing.length === 0) return;
  throw new InputError(
    `universal: a program for macOS holds ${processors.join(' and ')}, but targets has no ${missing.map((each) => `darwin/${each}`).join(', ')}.`,
    { next: 'Add it to targets, or set universal to false.' },
  );
}

function joinInfo(infos: readonly (BuildInfo | undefined)[]): BuildInfo | undefined {
  const [first, ...others] = infos.filter((info) => info !== undefined);
  if (first === undefined) return undefined;
  const deps = new Map(
    [first, ...others].flatMap((info) => info.deps.map((dep) => [dep.path, dep] as const)),
  );
  return { ...first, deps: [...deps.values()] };
}

/** Makes the universal programs of those that were built, below `folder`. */
export async function makeUniversal(built: readonly Program[], folder: string): Promise<Program[]> {
  const several = parts(built);
  const made: Program[] = [];
  for (const [index, some] of several.entries()) {
    const [planned] = joined(some);
    const [first] = some;
    if (planned === undefined || first === undefined) continue;
    const file = path.join(folder, String(index), first.fileName);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await writeUniversal(
      file,
      some.map((each) => each.file),
    );
    const [{ size: bytes }, sum] = await Promise.all([fs.stat(file), sha256File(file)]);
    const info = joinInfo(some.map((each) => each.info));
    made.push({ ...planned, file, fileName: first.fileName, bytes, sha256: sum, info });
  }
  return made;
}
