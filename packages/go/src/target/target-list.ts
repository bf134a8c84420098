import { InputError, nearestName, quoted } from '@slipway/runtime';
import { externalLinker } from './external-linking.ts';
import type { GoPort } from './supported-target.ts';
import { parseTarget, type Target } from './target.ts';

/** What a list of targets stands for. */
export interface TargetList {
  targets: readonly Target[];
  /** Ports that a group or a glob names too, but that Go's own linker makes no programs for. */
  passedOver: readonly string[];
}

/** Names for many ports. */
const groups: Readonly<Record<string, (port: GoPort) => boolean>> = {
  all: () => true,
  'first-class': ({ firstClass }) => firstClass,
};

const nameOf = ({ goos, goarch }: GoPort): string => `${goos}/${goarch}`;

/** A part of a glob, such as `mips*`, as an expression for all of a part. */
function partPattern(part: string): RegExp {
  return new RegExp(`^${part.replaceAll(/[^a-z0-9*]/g, '').replaceAll(/\*+/g, '[^/]*')}$`);
}

function matching(glob: string, ports: readonly GoPort[]): readonly GoPort[] {
  const [os = '', arch = '', ...rest] = glob.split('/');
  if (rest.length > 0) return [];
  const [osPattern, archPattern] = [partPattern(os), partPattern(arch)];
  return ports.filter(({ goos, goarch }) => osPattern.test(goos) && archPattern.test(goarch));
}

function unmatched(line: string, ports: readonly GoPort[]): InputError {
  const systems = new Set(ports.map(({ goos }) => goos));
  const processors = new Set(ports.map(({ goarch }) => goarch));
  const [os = '', arch = ''] = line.split('/');
  const near = [
    os.includes('*') || systems.has(os) ? os : nearestName(os, systems),
    arch.includes('*') || processors.has(arch) ? arch : nearestName(arch, processors),
  ];
  const written = near.join('/');
  const meant =
    near.includes(undefined) || written === line ? '' : ` Did you mean ${quoted(written)}?`;
  return new InputError(`The target ${quoted(line)} stands for no port of this Go.${meant}`, {
    next: 'Write a port of "go tool dist list", a glob of them such as linux/* or */arm64, first-class or all.',
  });
}

/** The ports that a group or a glob names; undefined for what is neither. Throws InputError when none. */
function portsOf(line: string, ports: readonly GoPort[]): readonly GoPort[] | undefined {
  const group = Object.hasOwn(groups, line) ? groups[line] : undefined;
  const isMany = group !== undefined || line.includes('*');
  if (!isMany) return undefined;
  const found = group === undefined ? matching(line, ports) : ports.filter(group);
  if (found.length === 0) throw unmatched(line, ports);
  return found;
}

/**
 * Whether a target is taken out by an exclusion: a port goes with all its variants. One that this Go no
 * longer has takes nothing out, so that a list holds for several Go versions. Throws InputError for a
 * word that stands for nothing.
 */
function exclusion(line: string, ports: readonly GoPort[]): (target: Target) => boolean {
  const [os, arch, ...variant] = line.split('/');
  const isGone =
    variant.length === 0 &&
    ports.every((port) => nameOf(port) !== line) &&
    ports.some(({ goos }) => goos === os) &&
    ports.some(({ goarch }) => goarch === arch);
  if (isGone) return () => false;
  const many = portsOf(line, ports);
  if (many !== undefined) {
    const names = new Set(many.map(nameOf));
    return ({ goos, goarch }) => names.has(`${goos}/${goarch}`);
  }
  const out = parseTarget(line, ports);
  return variant.length === 0
    ? ({ goos, goarch }) => goos === out.goos && goarch === out.goarch
    : ({ slug }) => slug === out.slug;
}

/**
 * Reads a list of targets: ports and their variants, globs of ports (`linux/*`), the groups `first-class`
 * and `all`, and with `!` what is taken out of the list again, wherever it stands in it. A target that is
 * written out twice is an InputError, as are an empty list and what stands for nothing.
 */
export function expandTargets(lines: readonly string[], ports: readonly GoPort[]): TargetList {
  const isOut = (line: string): boolean => line.startsWith('!');
  const exclusions = lines.filter(isOut).map((line) => exclusion(line.slice(1).trim(), ports));
  const written = new Map<string, string>();
  const found = new Map<string, Target>();
  const passedOver = new Set<string>();
  const add = (target: Target): void => {
    if (exclusions.every((excludes) => !excludes(target))) found.set(target.slug, target);
  };
  for (const line of lines.filter((each) => !isOut(each))) {
    const many = portsOf(line, ports);
    for (const port of many ?? [])
      if (externalLinker(port) === undefined) add(parseTarget(nameOf(port), ports));
      else passedOver.add(nameOf(port));
    if (many !== undefined) continue;
    const target = parseTarget(line, ports);
    const twin = written.get(target.slug);
    if (twin !== undefined)
      throw new InputError(`The target ${target.text} is listed twice (as ${twin} too).`);
    written.set(target.slug, target.text);
    add(target);
  }
  if (found.size === 0)
    throw new InputError(
      lines.length === 0
        ? 'No target is given; name at least one, for example linux/amd64.'
        : 'No target is left of those that are given.',
    );
  return {
    targets: [...found.values()],
    passedOver: [...passedOver].filter((name) =>
      exclusions.every((excludes) => !excludes(parseTarget(name, ports))),
    ),
  };
}
