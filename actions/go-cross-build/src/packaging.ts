import * as fs from 'node:fs/promises';
import path from 'node:path';
import { archive, type ArchiveEntry } from '@slipway/archive';
import { artifactName, renderSbom, sha256, type BuildInfo } from '@slipway/artifact';
import type { BuildUnit, BuiltUnit, GoModule, MainPackage } from '@slipway/go';
import type { Artifact } from './artifact-list.ts';

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
  sbom: boolean;
  /** Licence, readme and such. */
  companions: readonly ArchiveEntry[];
}

/** One program of a build. */
interface Program {
  unit: BuildUnit;
  main: MainPackage;
  /** As go wrote it. */
  file: string;
  /** As people see it, with the ending that its system wants. */
  fileName: string;
  content: Buffer;
  info: BuildInfo | undefined;
}

function ending({ goos, goarch }: BuildUnit['target']): string {
  if (goos === 'windows') return '.exe';
  return goarch === 'wasm' ? '.wasm' : '';
}

/** What every file of a program says about where it belongs. */
function originOf({ unit, main }: Program): Partial<Artifact> {
  const { text, goos, goarch, variant } = unit.target;
  return {
    program: main.name,
    importPath: main.importPath,
    target: text,
    goos,
    goarch,
    ...(variant === undefined ? {} : { goVariant: variant }),
    cgo: unit.cgo,
  };
}

async function stageProgram(program: Program, packing: Packing): Promise<Artifact> {
  const place = path.join(program.unit.target.slug, program.fileName);
  const staged = path.join(packing.stageDir, place);
  await fs.mkdir(path.dirname(staged), { recursive: true });
  await fs.copyFile(program.file, staged);
  await fs.chmod(staged, 0o755);
  return {
    type: 'binary',
    name: program.fileName,
    path: path.join(packing.outputDir, place),
    ...originOf(program),
    bytes: program.content.length,
    sha256: sha256(program.content),
  };
}

async function stageFile(
  program: Program,
  packing: Packing,
  file: { type: 'archive' | 'sbom'; ending: string; bytes: Buffer },
): Promise<Artifact> {
  const { unit, main } = program;
  const name = artifactName(main.name, packing.version, unit.target.slug) + file.ending;
  await fs.writeFile(path.join(packing.stageDir, name), file.bytes);
  return {
    type: file.type,
    name,
    path: path.join(packing.outputDir, name),
    ...originOf(program),
    bytes: file.bytes.length,
    sha256: sha256(file.bytes),
  };
}

async function stageArchive(program: Program, packing: Packing): Promise<Artifact> {
  const { fileName, content, unit } = program;
  const format = unit.target.goos === 'windows' ? 'zip' : 'tar.gz';
  const entries = [...packing.companions, { path: fileName, content, mode: 0o755 }];
  const bytes = await archive(entries, { format, mtimeSeconds: packing.epochSeconds });
  return stageFile(program, packing, { type: 'archive', ending: `.${format}`, bytes });
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
  const { main, info, content } = program;
  const sbom = renderSbom({
    name: main.name,
    version: packing.version,
    importPath: main.importPath,
    sha256: sha256(content),
    goVersion: info?.goVersion ?? packing.goVersion,
    modules: info?.deps ?? main.modules.filter(({ Main }) => Main !== true).map(linkedModule),
    epochSeconds: packing.epochSeconds,
  });
  const bytes = Buffer.from(sbom);
  return stageFile(program, packing, { type: 'sbom', ending: '.cdx.json', bytes });
}

/** Makes the files of one build: `<target>/<program>`, its archive and its SBOM. */
export async function packUnit(
  { unit, programs }: BuiltUnit,
  info: ReadonlyMap<string, BuildInfo>,
  packing: Packing,
): Promise<Artifact[]> {
  const made: Artifact[] = [];
  for (const [index, { name, file }] of programs.entries()) {
    const main = unit.mains[index];
    if (main === undefined) continue;
    const program = {
      unit,
      main,
      file,
      fileName: name + ending(unit.target),
      content: await fs.readFile(file),
      info: info.get(file),
    };
    made.push(await stageProgram(program, packing));
    if (packing.archive) made.push(await stageArchive(program, packing));
    if (packing.sbom) made.push(await stageSbom(program, packing));
  }
  return made;
}
