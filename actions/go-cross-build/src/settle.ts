import path from 'node:path';
import type { HttpClient } from '@slipway/http';
import type { ArchiveInputs } from './archive-inputs.ts';
import { imageFiles } from './image/image-file.ts';
import { imageRepositories, isImageTarget } from './image/image-repositories.ts';
import { filesOfOtherVersions, type OutputPlace } from './output/output-folder.ts';
import { checkFileNames } from './output/file-names.ts';
import { programPlace } from './output/packaging.ts';
import { checkUniversal, plannedPrograms } from './output/universal.ts';
import type { Plan } from './plan.ts';
import type { CrossBuildPorts } from './ports.ts';
import { openBase, openRepositories } from './image/push-access.ts';
import type { SettledImages } from './image/settled-images.ts';
import type { CrossBuildRequest } from './request.ts';

/** What is settled before anything is compiled. */
export interface Settled {
  /** Files of another version, to be removed. */
  others: readonly string[];
  images: SettledImages | undefined;
}

/** A job that has one target of a service, as `matrix-by: target` makes them, joins nothing. */
const isPartOfService = (
  units: Plan['units'],
  { isUniversalSetting = false }: ArchiveInputs,
): boolean => isUniversalSetting && new Set(units.map(({ target }) => target.text)).size === 1;

/** Throws InputError for a plan whose programs cannot be joined, or whose files would be lost for their names. */
export function checkPlanned(
  { units, version }: Pick<Plan, 'units' | 'version'>,
  archives: ArchiveInputs,
): void {
  const { universal, archive, archiveName: nameTemplate } = archives;
  if (universal !== 'false' && !isPartOfService(units, archives))
    checkUniversal(units.map(({ target }) => target));
  checkFileNames(plannedPrograms(units, universal), { nameTemplate, version, archive });
}

/** All that can fail without a build fails here: names, the output folder, logins, the right to push. */
export async function settle(
  ports: CrossBuildPorts & { http: HttpClient },
  plan: Plan,
  request: CrossBuildRequest,
  place: OutputPlace,
): Promise<Settled> {
  const { images, outputDir, clean } = request;
  const names = images === undefined ? [] : imageRepositories(images.image, plan.units);
  checkPlanned(plan, request.archives);
  const programs = plannedPrograms(plan.units, request.archives.universal);
  const made = new Set(
    programs.map(({ unit, main }) => path.join(outputDir, programPlace(unit, main))),
  );
  const others = await filesOfOtherVersions(place, { made, clean });
  if (images === undefined) return { others, images: undefined };
  const login = { username: images.username, password: images.password };
  const { base } = images;
  const search = { folder: request.workingDirectory, root: ports.runner.workspace };
  const files = await imageFiles(
    images.files,
    search,
    names.map(({ program }) => program),
  );
  const platforms = plan.units.filter(isImageTarget).map(({ target }) => target.platform);
  const { image } = images;
  const { scratch } = plan;
  const open =
    base === undefined
      ? undefined
      : await openBase(ports, base, { platforms, image, login, scratch });
  const repositories = await openRepositories(ports, names, { ...login, base });
  return { others, images: { repositories, base: open, files } };
}
