import { fileVersion } from '@slipway/artifact';
import type { BuildUnit } from '@slipway/go';
import type { Plan } from '../plan.ts';
import type { Artifact } from './artifact.ts';

/** A file that says how a run came about. */
export interface RunRecord {
  name: string;
  text: string;
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** A word as a POSIX shell takes it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The `go build` of one program in one line, with all that decides its bytes; nothing of the runner's. */
function buildLine(unit: BuildUnit, sources: readonly string[], { toolchain }: Plan): string {
  const all: BuildUnit['env'] = { GOFLAGS: toolchain.goflags, ...unit.env };
  const env = Object.entries(all);
  const unset = env.flatMap(([name, value]) => (value === undefined ? ['-u', name] : []));
  const set = env.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const build = ['go', 'build', ...unit.args, '-o', 'program', '--', ...sources];
  return ['env', ...unset, ...set, ...build].map(shellWord).join(' ');
}

/**
 * How to build each program again without this action: the commit, the Go, and a line for a POSIX shell in
 * the module's folder; with the sum that it must have. Of universal programs those that they hold.
 */
export function rebuildRecord(
  plan: Plan,
  artifacts: readonly Artifact[],
  { workingDirectory }: { workingDirectory: string },
): RunRecord {
  const { source, toolchain, units } = plan;
  const sumOf = (importPath: string, target: string): string | undefined =>
    artifacts.find(
      (each) => each.type === 'binary' && each.importPath === importPath && each.target === target,
    )?.sha256;
  const programs = units.flatMap((unit) =>
    unit.mains.map(({ name, importPath, sources }) => ({
      name,
      target: unit.target.text,
      sha256: sumOf(importPath, unit.target.text),
      command: buildLine(unit, sources, plan),
    })),
  );
  return {
    name: 'rebuild.json',
    text: json({
      go: toolchain.version,
      commit: source.commit ?? '',
      dirty: source.dirty,
      workingDirectory: workingDirectory === '' ? '.' : workingDirectory,
      programs,
    }),
  };
}

/**
 * What goreleaser writes of a release (`metadata.json`). Its date is the commit's, so that the same commit
 * gives the same file; the tag before is not looked for.
 */
export function metadataRecord(plan: Plan, projectName: string): RunRecord {
  const { source, toolchain, version } = plan;
  const date = new Date(source.epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
  return {
    name: 'metadata.json',
    text: json({
      project_name: projectName,
      tag: version,
      previous_tag: '',
      version: fileVersion(version),
      commit: source.commit ?? '',
      date,
      runtime: toolchain.host,
    }),
  };
}
