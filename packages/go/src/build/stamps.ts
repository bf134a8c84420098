import * as fs from 'node:fs/promises';
import type { MainPackage } from './main-package.ts';
import type { BuildSource } from './source.ts';
import { stringVariables } from './string-variables.ts';

/** A variable of a program and what the linker writes into it. */
export interface Stamp {
  /** `main.version`, or an import path and a name. */
  variable: string;
  value: string;
  /** Given by the user, who knows that it is there. */
  told: boolean;
}

const epochText = (seconds: number): string =>
  seconds === 0 ? '' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/**
 * What is stamped: what the user names as `import/path.name=value`, with `{version}`, `{commit}` and
 * `{date}` filled in; by default these three into main.version, main.commit and main.date.
 */
export function chooseStamps(
  named: readonly string[] | undefined,
  { version, source }: { version: string; source: BuildSource },
): Stamp[] {
  const known = { version, commit: source.commit ?? '', date: epochText(source.epochSeconds) };
  if (named === undefined)
    return Object.entries(known).flatMap(([name, value]) =>
      value === '' ? [] : [{ variable: `main.${name}`, value, told: false }],
    );
  return named.map((line) => {
    const at = line.indexOf('=');
    const value = line
      .slice(at + 1)
      .replace(/\{(version|commit|date)\}/g, (_, name: keyof typeof known) => known[name]);
    return { variable: line.slice(0, at), value, told: true };
  });
}

async function variablesOf({ files }: MainPackage): Promise<ReturnType<typeof stringVariables>> {
  const sources = files.map((file) => fs.readFile(file, 'utf8').catch(() => ''));
  return stringVariables(await Promise.all(sources));
}

/**
 * The stamps that none of the mains takes, which the linker does not tell: no main has such a string, or
 * no program is linked from the package. Whether a package other than a main has the variable is not known.
 */
export async function idleStamps(
  mains: readonly MainPackage[],
  stamps: readonly Stamp[],
): Promise<readonly Stamp[]> {
  const declared = await Promise.all(mains.map(variablesOf));
  const strings = new Set(declared.flatMap((one) => [...one.strings]));
  const linked = new Set(mains.flatMap(({ packages }) => packages));
  // To the linker every main is `main`.
  for (const { importPath } of mains) linked.delete(importPath);
  return stamps.filter(({ variable }) => {
    const dot = variable.lastIndexOf('.');
    const [from, name] = [variable.slice(0, dot), variable.slice(dot + 1)];
    return from === 'main' ? !strings.has(name) : !linked.has(from);
  });
}

/**
 * Groups mains by what can be stamped into them, which one `go build` for several has in common. Of the
 * default stamps only those that a main of the group has a string for are kept, and where one is declared
 * as something else (`var version = flag.Bool(…)`) it is left out, since the linker would fail there.
 */
export async function groupByStamps(
  mains: readonly MainPackage[],
  stamps: readonly Stamp[],
): Promise<{ mains: readonly MainPackage[]; stamps: readonly Stamp[] }[]> {
  const groups = new Map<
    string,
    { mains: MainPackage[]; clashing: Set<string>; found: Set<string> }
  >();
  for (const main of mains) {
    const { strings, others } = await variablesOf(main);
    const clashing = stamps.filter(({ variable }) => others.has(variable.replace(/^main\./, '')));
    const key = clashing.map(({ variable }) => variable).join();
    const group = groups.get(key) ?? {
      mains: [],
      clashing: new Set(clashing.map(({ variable }) => variable)),
      found: new Set<string>(),
    };
    group.mains.push(main);
    for (const name of strings) group.found.add(`main.${name}`);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ mains: grouped, clashing, found }) => ({
    mains: grouped,
    stamps: stamps.filter(
      ({ variable, told }) => told || (found.has(variable) && !clashing.has(variable)),
    ),
  }));
}

function quoteForGo(value: string): string {
  return /[\s'"]/.test(value) ? `'${value}'` : value;
}

/** The linker's flags for these. */
export function stampFlags(stamps: readonly Stamp[]): string[] {
  return stamps.flatMap(({ variable, value }) => ['-X', quoteForGo(`${variable}=${value}`)]);
}
