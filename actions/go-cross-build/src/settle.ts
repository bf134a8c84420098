import path from 'node:path';
import type { HttpClient } from '@slipway/http';
import { imageRepositories } from './image/image-repositories.ts';
import { filesOfOtherVersions, type OutputPlace } from './output/output-folder.ts';
import { checkFileNames } from './output/file-names.ts';
import { programPlace } from './output/packaging.ts';
import { checkUniversal, plannedPrograms } from './output/universal.ts';
import type { Plan } from './plan.ts';
import type { CrossBuildPorts } from './ports.ts';
import { openRepositories, type OpenRepository } from './image/push-access.ts';
import type { CrossBuildRequest } from './request.ts';

/** What is settled before anything is compiled. */
export interface Settled {
  /** Files of another version, to be removed. */
  others: readonly string[];
  repositories: readonly OpenRepository[];
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
  const { universal, archiveName: nameTemplate } = request.archives;
  if (universal !== 'false') checkUniversal(plan.units.map(({ target }) => target));
  const programs = plannedPrograms(plan.units, universal);
  checkFileNames(programs, { nameTemplate, version: plan.version });
  const made = new Set(
    programs.map(({ unit, main }) => path.join(outputDir, programPlace(unit, main))),
  );
  const others = await filesOfOtherVersions(place, { made, clean });
  const login = { username: images?.username ?? '', password: images?.password ?? '' };
  return { others, repositories: await openRepositories(ports, names, login) };
}
