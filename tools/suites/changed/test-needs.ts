import path from 'node:path';
import { importsOf } from '../../imports/import-graph.ts';
import type { Sources } from '../../imports/sources.ts';

/** For each file what it needs: files by name, and folders by a name that ends in a slash. */
export type Needs = ReadonlyMap<string, readonly string[]>;

const isOfTests = (file: string): boolean => /^(test|(packages|actions)\/[^/]+\/test)\//.test(file);

/**
 * Files and folders that a file names from its own folder on. Of a path that ends in a variable the
 * part before it counts, as a folder. The checkout itself is too much to say anything.
 */
function named(file: string, text: string): readonly string[] {
  const calls = text.matchAll(
    /path\.(?:join|resolve)\(\s*import\.meta\.dirname((?:\s*,\s*'[^']*')+)/g,
  );
  return [...calls]
    .map(([, literals = '']) => {
      const parts = [...literals.matchAll(/'([^']*)'/g)].map(([, part = '']) => part);
      const target = path.posix.join(path.posix.dirname(file), ...parts);
      return target.endsWith('.ts') ? target : `${target}/`;
    })
    .filter((target) => !/^\.\.?\//.test(target));
}

/** Actions whose bundle a file of the tests runs: those that it names, or all. */
function bundled(file: string, text: string, actions: readonly string[]): readonly string[] {
  if (!isOfTests(file)) return [];
  const all = /\breadManifest\(|\bensureBundles\(\s*\)/.test(text);
  return actions
    .filter((name) => all || text.includes(`'${name}'`))
    .map((name) => `actions/${name}/src/index.ts`);
}

/** What each file needs: its imports, what it names as a path, and the sources of the bundles that it runs. */
export function testNeeds(sources: Sources): Needs {
  const actions = [...sources.keys()]
    .map((file) => /^actions\/([^/]+)\/src\/index\.ts$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
  return new Map(
    [...sources].map(([file, text]) => [
      file,
      [...importsOf(file, text), ...named(file, text), ...bundled(file, text, actions)],
    ]),
  );
}
