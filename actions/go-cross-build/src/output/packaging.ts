import * as fs from 'node:fs/promises';
import path from 'node:path';
import { writeArchive, type ArchiveEntry } from '@slipway/archive';
import { artifactName, renderSbom, sha256, sha256File, type BuildInfo } from '@slipway/artifact';
import type { BuildUnit, BuiltUnit, GoModule, MainPackage } from '@slipway/go';
import { formatFor, type ArchiveFormats } from './archive-formats.ts';
import type { Artifact } from './artifact.ts';

/** How programs become files. */
export interface Packing {
  /** Where files are made. Not the output folder: a file there would make later builds dirty. */
  stageDir: string;
  /** Where they will be, for their paths. */
  outputDir: string;
  version: string;
  epochSeconds: number;
  goVersion: string;
  archive: boolean;
  /** How files are called, with placeholders. */
  nameTemplate: string;
  formats: ArchiveFormats;
  sbom: boolean;
  /** Licence, readme and such, and what else is asked for. */
  companions: readonly ArchiveEntry[];
}

/** What names depend on. */
export type Naming = Pick<Packing, 'version' | 'nameTemplate'>;

/** What the files of a program for a target are called, without their endings. */
export function baseName(
  { target }: Pick<BuildUnit, 'target'>,
  { name }: MainPackage,
  { version, nameTemplate }: Naming,
): string {
  return artifactName(nameTemplate, { program: name, version, targetSlug: target.slug });
}

/** One program of a build. */
export interface Program {
  unit: BuildUnit;
  main: MainPackage;
  /** As go wrote it. */
  file: string;
  /** As people see it, with the ending that its system wants. */
  fileName: string;
  bytes: number;
  sha256: string;
  info: BuildInfo | undefined;
}

/** The ending of a program's file name that its system wants. */
export function ending({ goos, goarch }: BuildUnit['target']): string {
  if (goos === 'windows') return '.exe';
  return goarch === 'wasm' ? '.wasm' : '';
}

/** What every file of a program says about where it belongs. */
function originOf({ unit, main }: Program): Partial<Artifact> {
  const { text, goos, goarch, env } = unit.target;
  const levels = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || name === 'GOOS' || name === 'GOARCH'
      ? []
      : [[name.toLowerCase(), value] as const],
  );
  return {
    program: main.name,
    importPath: main.importPath,
    target: text,
    goos,
    goarch,
    levels: Object.fromEntries(levels),
    cgo: unit.cgo,
  };
}

/** Where a program lies below the output folder: `linux_amd64/api`. */
export function programPlace(unit: BuildUnit, { name }: MainPackage): string {
  return path.join(unit.target.slug, name + ending(unit.target));
}

async function stageProgram(program: Program, packing: Packing): Promise<Artifact> {
  const { unit, main, fileName, bytes, sha256: sum } = program;
  const place = programPlace(unit, main);
  const staged = path.join(packing.stageDir, place);
  await fs.mkdir(path.dirname(staged), { recursive: true });
  await fs.copyFile(program.file, staged);
  await fs.chmod(staged, 0o755);
  return {
    type: 'binary',
    name: fileName,
    path: path.join(packing.outputDir, place),
    ...originOf(program),
    ending: ending(unit.target),
    bytes,
    sha256: sum,
  };
}

/** What the files of a program beside it are called, without their endings. */
function fileNameFor({ unit, main }: Program, packing: Naming, suffix: string): string {
  return baseName(unit, main, packing) + suffix;
}

/** The program itself under a name that no other target's has, for downloads without archives. */
async function stageDownload(program: Program, packing: Packing): Promise<Artifact> {
  const name = fileNameFor(program, packing, ending(program.unit.target));
  const staged = path.join(packing.stageDir, name);
  await fs.copyFile(program.file, staged);
  await fs.chmod(staged, 0o755);
  return {
    type: 'download',
    name,
    path: path.join(packing.outputDir, name),
    ...originOf(program),
    ending: ending(program.unit.target),
    bytes: program.bytes,
    sha256: program.sha256,
  };
}

async function stageArchive(program: Program, packing: Packing): Promise<Artifact> {
  const { file, fileName, bytes: length, unit } = program;
  const format = formatFor(packing.formats, unit.target.goos);
  const name = fileNameFor(program, packing, `.${format}`);
  const entries: ArchiveEntry[] = [
    ...packing.companions,
    { path: fileName, content: { file, bytes: length }, mode: 0o755 },
  ];
  const options = { format, mtimeSeconds: packing.epochSeconds } as const;
  const { bytes, sha256: sum } = await writeArchive(
    path.join(packing.stageDir, name),
    entries,
    options,
  );
  return {
    type: 'archive',
    name,
    path: path.join(packing.outputDir, name),
    ...originOf(program),
    format,
    bytes,
    sha256: sum,
  };
}

function linkedModule(listed: GoModule) {
  const module = listed.Replace ?? listed;
  return {
    path: module.Path,
    version: module.Version ?? '',
    ...(module.Sum === undefined ? {} : { sum: module.Sum }),
  };
}

async function stageSbom(program: Program, packing: Packing): Promise<Artifact> {
  const { main, info } = program;
  const name = fileNameFor(program, packing, '.cdx.json');
  const own = info?.main?.path ?? main.modules.find(({ Main }) => Main === true)?.Path;
  const sbom = Buffer.from(
    renderSbom({
      name: main.name,
      version: packing.version,
      importPath: main.importPath,
      module: own,
      sha256: program.sha256,
      goVersion: info?.goVersion ?? packing.goVersion,
      modules: info?.deps ?? main.modules.filter(({ Main }) => Main !== true).map(linkedModule),
      epochSeconds: packing.epochSeconds,
    }),
  );
  await fs.writeFile(path.join(packing.stageDir, name), sbom);
  return {
    type: 'sbom',
    name,
    path: path.join(packing.outputDir, name),
    ...originOf(program),
    bytes: sbom.length,
    sha256: sha256(sbom),
  };
}

/** Makes the files of one program: `<target>/<program>`, its archive and its SBOM. */
export async function packProgram(program: Program, packing: Packing): Promise<Artifact[]> {
  const made = [
    await stageProgram(program, packing),
    packing.archive ? await stageArchive(program, packing) : await stageDownload(program, packing),
  ];
  return packing.sbom ? [...made, await stageSbom(program, packing)] : made;
}

/** The programs of one build. */
export async function programsOf(
  { unit, programs }: BuiltUnit,
  info: ReadonlyMap<string, BuildInfo>,
): Promise<Program[]> {
  const found: Program[] = [];
  for (const [index, { name, file, bytes }] of programs.entries()) {
    const main = unit.mains[index];
    if (main === undefined) continue;
    const fileName = name + ending(unit.target);
    const sum = await sha256File(file);
    found.push({ unit, main, file, fileName, bytes, sha256: sum, info: info.get(file) });
  }
  return found;
}
