import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readManifest, root } from '../../tools/manifest.ts';

/** Rewrites `uses: $/PATH`, which act rejects (nektos/act#6189), to this repository at v1. */
export function withoutSelfReferences(yaml: string): string {
  return yaml.replace(/^(\s*(?:-\s+)?uses:\s+)\$\/(\S+)/gm, '$1OWNER/slipway/$2@v1');
}

/**
 * Copies what a caller of OWNER/slipway@v1 gets to see: action files, bundles and reusable workflows
 * as they stand, but for the prefix `$/`.
 */
export function copySlipway(to: string): string {
  const copyYaml = (file: string): void => {
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    writeFileSync(
      path.join(to, file),
      withoutSelfReferences(readFileSync(path.join(root, file), 'utf8')),
    );
  };
  copyYaml('action.yml');
  for (const { name } of readManifest()) copyYaml(path.join('actions', name, 'action.yml'));
  const workflows = path.join('.github', 'workflows');
  for (const name of readdirSync(path.join(root, workflows)))
    if (name.startsWith('go-')) copyYaml(path.join(workflows, name));
  cpSync(path.join(root, 'dist'), path.join(to, 'dist'), { recursive: true });
  for (const name of readdirSync(path.join(to, 'dist')))
    if (!existsSync(path.join(to, 'dist', name, 'index.js')))
      throw new Error(`dist/${name}/index.js is missing; build it with: npm run build -- ${name}`);
  return to;
}
