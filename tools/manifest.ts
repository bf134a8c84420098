import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The checkout. */
export const root = path.resolve(import.meta.dirname, '..');

/** One action that is bundled. */
export interface BundledAction {
  name: string;
  /** The most bytes its bundle may have; raise it only together with a reason in the commit. */
  maxBytes: number;
}

/** The actions of this repository, from tools/manifest.json. */
export function readManifest(): readonly BundledAction[] {
  const text = readFileSync(path.join(root, 'tools', 'manifest.json'), 'utf8');
  const { actions } = JSON.parse(text) as { actions: Record<string, { maxBytes: number }> };
  return Object.entries(actions).map(([name, { maxBytes }]) => ({ name, maxBytes }));
}
