import {
  resolveService,
  type EffectiveService,
  type Fleet,
  type ServiceFile,
  type ServiceSettings,
} from '@slipway/fleet';
import { globMatcher } from '@slipway/glob';
import { readOwnFile, type Service, type ServiceSelection } from '@slipway/release';

/** What the call itself says; undefined where an input is at its default and leaves the word to the file. */
export interface CallInputs {
  services?: readonly string[] | undefined;
  targets?: readonly string[] | undefined;
  cgo?: string | undefined;
}

const usualFolders = ['services/*'];
const usualTargets = ['linux/amd64'];

function settingsOfCall({ targets, cgo }: CallInputs): ServiceSettings {
  return {
    ...(targets === undefined ? {} : { targets }),
    ...(cgo === undefined ? {} : { cgo }),
  };
}

/** The folders that the file names; without one those that are usual. */
function globsOf(fleet: Fleet | undefined): readonly string[] {
  if (fleet === undefined || fleet.services.length === 0) return usualFolders;
  return [...fleet.services.map(({ glob }) => glob), ...fleet.without.map((glob) => `!${glob}`)];
}

/** Which folders are services and what holds for each, by the file at the root and the call. */
export function fleetSelection(fleet: Fleet | undefined, call: CallInputs): ServiceSelection {
  const inputs = settingsOfCall(call);
  return {
    globs: call.services ?? globsOf(fleet),
    targets: usualTargets,
    cgo: '',
    settingsOf: (folder: string, own?: ServiceFile) =>
      resolveService(fleet, folder, { own, inputs, glob: globMatcher }),
  };
}

/**
 * What is said of a folder by its name, when no service lies there: one that was moved would lose its chart and its
 * settings without a word. A glob may name nothing.
 */
export function saidOfNobody(
  fleet: Fleet | undefined,
  call: CallInputs,
  services: readonly Pick<Service, 'path'>[],
): readonly string[] {
  if (fleet === undefined || call.services !== undefined) return [];
  const folders = new Set(services.map(({ path }) => path));
  return fleet.services
    .filter(({ glob, path }) => path.length > 0 && !/[*?[{]/.test(glob) && !folders.has(glob))
    .map(({ glob, path }) => ({ glob, place: fleet.placeOf(path, 'key') }))
    .map(
      ({ glob, place }) =>
        `${fleet.file}:${place.line}:${place.column}: ${JSON.stringify(glob)} is the folder of no service, so what is said of it holds for nobody. Name the folder that the service lies in now, or take the key out.`,
    );
}

/** What holds for a service that was found, and who said so; what was found itself is a default. */
export async function explainService(
  root: string,
  service: Service,
  { fleet, call }: { fleet: Fleet | undefined; call: CallInputs },
): Promise<EffectiveService> {
  return resolveService(fleet, service.path, {
    own: await readOwnFile(root, service.path),
    inputs: settingsOfCall(call),
    defaults: {
      name: service.name,
      package: service.mainFolder,
      targets: service.targets,
      image: service.image,
      workload: service.workload,
      ...(service.chart === '' ? {} : { chart: service.chart }),
    },
    glob: globMatcher,
  });
}
