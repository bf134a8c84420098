import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  archive,
  artifactName,
  renderSbom,
  sha256,
  type BuildInfo,
  type TarEntry,
} from '@slipway/artifact';
import type { BuiltUnit, GoModule, MainPackage } from '@slipway/go';
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
  companions: readonly TarEntry[];
}

/** Makes the files of one build: `<target>/<program>`, its archive and its SBOM. */
export async function packUnit(
  { unit, programs }: BuiltUnit,
  info: ReadonlyMap<string, BuildInfo>,
  packing: Packing,
): Promise<Artifact[]> {
  const { target } = unit;
  const made: Artifact[] = [];
  for (const [index, program] of programs.entries()) {
    const main = unit.mains[index];
    if (main === undefined) continue;
    const ending = target.goos === 'windows' ? '.exe' : target.goarch === 'wasm' ? '.wasm' : '';
    const fileName = program.name + ending;
    const content = await fs.readFile(program.file);
    const common = {
      program: program.name,
      importPath: program.importPath,
      target: target.text,
      goos: target.goos,
      goarch: target.goarch,
      ...(target.variant === undefined ? {} : { goVariant: target.variant }),
      cgo: unit.cgo,
    };
    const place = path.join(target.slug, fileName);
    await fs.mkdir(path.join(packing.stageDir, target.slug), { recursive: true });
    await fs.copyFile(program.file, path.join(packing.stageDir, place));
    await fs.chmod(path.join(packing.stageDir, place), 0o755);
    const digest = sha256(content);
    made.push({
      type: 'binary',
      name: fileName,
      path: path.join(packing.outputDir, place),
      ...common,
      bytes: content.length,
      sha256: digest,
    });
    const base = artifactName(program.name, packing.version, target.slug);
    const write = async (type: 'archive' | 'sbom', name: string, bytes: Buffer): Promise<void> => {
      await fs.writeFile(path.join(packing.stageDir, name), bytes);
      const file = path.join(packing.outputDir, name);
      made.push({ type, name, path: file, ...common, bytes: bytes.length, sha256: sha256(bytes) });
    };
    if (packing.archive) {
      const format = target.goos === 'windows' ? 'zip' : 'tar.gz';
      const entries = [...packing.companions, { path: fileName, content, mode: 0o755 }];
      const packed = await archive(entries, { format, mtimeSeconds: packing.epochSeconds });
      await write('archive', `${base}.${format}`, packed);
    }
    if (packing.sbom)
      await write(
        'sbom',
        `${base}.cdx.json`,
        Buffer.from(sbomOf(program.name, main, digest, info.get(program.file), packing)),
      );
  }
  return made;
}

function sbomOf(
  name: string,
  main: MainPackage,
  digest: string,
  info: BuildInfo | undefined,
  packing: Packing,
): string {
  return renderSbom({
    name,
    version: packing.version,
    importPath: main.importPath,
    sha256: digest,
    goVersion: info?.goVersion ?? packing.goVersion,
    modules: info?.deps ?? main.modules.filter(({ Main }) => Main !== true).map(linkedModule),
    epochSeconds: packing.epochSeconds,
  });
}

function linkedModule(listed: GoModule) {
  const module = listed.Replace ?? listed;
  return {
    path: module.Path,
    version: module.Version ?? '',
    ...(module.Sum === undefined ? {} : { sum: module.Sum }),
  };
}
