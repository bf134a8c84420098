import type { ModuleTree, RepositoryModule } from '@slipway/go';

/** Where and how go builds and tests what a module holds. Folders are relative to the root, which is `.`. */
export interface ModulePlace {
  workingDirectory: string;
  /** The go.work that uses the module, else its go.mod. */
  goVersionFile: string;
  /** `off` when a go.work above does not use the module, so that go works on it without that alone. */
  goWork: '' | 'off';
}

/** A package's place. */
export interface GoPlace extends ModulePlace {
  /** As go takes it in `workingDirectory`. */
  package: string;
  /** The last element of the module's path, without a major version: `orders` of example.com/orders/v2. */
  moduleName: string;
}

/** Where a module is built. */
export function modulePlace(module: RepositoryModule): ModulePlace {
  const { folder, workspace, leftOut } = module;
  return {
    workingDirectory: folder || '.',
    goVersionFile: workspace === undefined ? below(folder, 'go.mod') : below(workspace, 'go.work'),
    goWork: leftOut ? 'off' : '',
  };
}

/** Where the package in `folder` (the root is the empty string) is built; outside all modules, at the root. */
export function goPlace(modules: ModuleTree, folder: string): GoPlace {
  const module = modules.moduleOf(folder);
  const place: ModulePlace =
    module === undefined
      ? { workingDirectory: '.', goVersionFile: 'go.mod', goWork: '' }
      : modulePlace(module);
  const home = module?.folder ?? '';
  const inside = home === '' ? folder : folder.slice(home.length + 1);
  const elements = (module?.path ?? '').split('/').filter((each) => !/^v\d+$/.test(each));
  return {
    workingDirectory: place.workingDirectory,
    goVersionFile: place.goVersionFile,
    goWork: place.goWork,
    package: inside === '' ? '.' : `./${inside}`,
    moduleName: elements.at(-1) ?? '',
  };
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
