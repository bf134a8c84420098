import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { circles } from '../imports/circles.ts';

/** Package to the packages that it may import, as in tools/layers.js. */
export type LayerTable = Readonly<Record<string, readonly string[]>>;

interface PackageJson {
  dependencies?: Record<string, string>;
}

/**
 * What in the packages' manifests contradicts the layers (eslint holds the imports themselves): a
 * dependency that the table does not allow, a package without a layer, a cycle in the table.
 */
export function layerProblems(root: string, layers: LayerTable): readonly string[] {
  const problems: string[] = [];
  for (const name of readdirSync(path.join(root, 'packages'))) {
    const allowed = layers[name];
    if (allowed === undefined) {
      problems.push(`packages/${name} has no entry in tools/layers.js`);
      continue;
    }
    const file = path.join(root, 'packages', name, 'package.json');
    const { dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
    for (const dependency of Object.keys(dependencies))
      if (dependency.startsWith('@slipway/') && !allowed.includes(dependency.slice(9)))
        problems.push(`packages/${name} may not depend on ${dependency} (tools/layers.js)`);
  }
  for (const group of circles(new Map(Object.entries(layers))))
    problems.push(`tools/layers.js has a circle: ${group.join(', ')}`);
  return problems;
}
