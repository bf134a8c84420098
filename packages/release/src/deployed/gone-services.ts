import { derivedServiceName, type Repository, type Service } from '../service/index.ts';

/** A deployment on record, of a service that the plan does not know. */
export interface ForeignDeployment {
  service: string;
  commit: string;
  version: string;
  release: string;
  namespace: string;
  /** Empty for the only place. */
  target: string;
}

/** The names that the folder of a program may give a service: its own, and the one that its `cmd` lies in. */
function namesOf(folder: string): readonly (string | undefined)[] {
  const parts = folder.split('/');
  const own = parts.at(-1) ?? '';
  const outer = parts.at(-2) === 'cmd' ? (parts.at(-3) ?? '') : '';
  return [own, outer].map((part) => (part === '' ? undefined : derivedServiceName(part)));
}

/**
 * Those of `deployments` whose service is in no folder any more: it was renamed or taken away, and what is
 * deployed of it stays. One that a program of the repository could be, which another call plans, is left out;
 * without an import graph nobody can tell, and none is.
 */
export function goneServices(
  { graph }: Repository,
  services: readonly Pick<Service, 'mainFolder'>[],
  deployments: readonly ForeignDeployment[],
): readonly ForeignDeployment[] {
  if (graph === undefined) return [];
  const planned = new Set(services.map(({ mainFolder }) => mainFolder));
  const others = [...graph.packages.values()].filter(
    ({ isMain, folder }) => isMain && !planned.has(folder || '.'),
  );
  const names = new Set(others.flatMap(({ folder }) => namesOf(folder)));
  return deployments.filter(({ service }) => !names.has(service));
}
