import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dirHash } from '../../test/fixtures/private-module.ts';
import { storedZip } from '../../test/fixtures/stored-zip.ts';
import type { Files } from './corpus/index.ts';
import type { PublishedModule } from './corpus/published.ts';

const goMod = ({ path: module, requires }: PublishedModule): string =>
  `module ${module}\n\ngo 1.25\n${requires.map((each) => `\nrequire ${each}\n`).join('')}`;

function archive(module: PublishedModule): Record<string, string> {
  const all = [['go.mod', goMod(module)], ...Object.entries(module.files)];
  return Object.fromEntries(
    all.map(([name, text]) => [`${module.path}@${module.version}/${name ?? ''}`, text]),
  ) as Record<string, string>;
}

/** Writes a proxy of these modules into a folder and gives its address. */
export function writeModuleProxy(dir: string, modules: readonly PublishedModule[]): string {
  for (const module of modules) {
    const versions = path.join(dir, ...module.path.split('/'), '@v');
    mkdirSync(versions, { recursive: true });
    const all = modules.filter((each) => each.path === module.path);
    writeFileSync(path.join(versions, 'list'), all.map(({ version }) => `${version}\n`).join(''));
    const info = { Version: module.version, Time: '2026-01-05T09:00:00Z' };
    writeFileSync(path.join(versions, `${module.version}.info`), JSON.stringify(info));
    writeFileSync(path.join(versions, `${module.version}.mod`), goMod(module));
    writeFileSync(path.join(versions, `${module.version}.zip`), storedZip(archive(module)));
  }
  return pathToFileURL(dir).href;
}

/** Adds to each go.mod that requires something the go.sum that `go mod tidy` would write. */
export function withSums(files: Files, modules: readonly PublishedModule[]): Files {
  const summed = new Map(files);
  for (const [file, text] of files) {
    if (!/(?:^|\/)go\.mod$/.test(file)) continue;
    const lines = new Set<string>();
    const add = (requirement: string, isBuilt: boolean): void => {
      const module = modules.find(
        ({ path: name, version }) => requirement === `${name} ${version}`,
      );
      if (module === undefined) return;
      if (isBuilt) lines.add(`${requirement} ${dirHash(archive(module))}`);
      lines.add(`${requirement}/go.mod ${dirHash({ 'go.mod': goMod(module) })}`);
      for (const each of module.requires) add(each, false);
    };
    for (const [, requirement = ''] of text.matchAll(/^(?:require )?\s*(kit\.\S+ v\S+)/gm))
      add(requirement, true);
    if (lines.size > 0)
      summed.set(
        file.replace(/mod$/, 'sum'),
        [...lines]
          .sort()
          .map((line) => `${line}\n`)
          .join(''),
      );
  }
  return summed;
}
