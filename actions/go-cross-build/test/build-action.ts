import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { goEnvironment, runBundle, type BundleOptions, type BundleResult } from '@slipway/testing';
import { writeModule } from './go-module.ts';

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');

/** The action and folders to run it in. */
export interface BuildAction {
  /** A folder that is removed in the end. */
  readonly root: string;
  /** A new folder with a module. */
  workspace: (files: Readonly<Record<string, string>>, name?: string) => string;
  run: (
    folder: string,
    inputs: Readonly<Record<string, string>>,
    more?: Partial<BundleOptions>,
  ) => Promise<BundleResult>;
}

/** Makes the action ready for the tests of a file, with the caches of the machine's Go. */
export function useBuildAction(): BuildAction {
  let root = '';
  let goEnv: Record<string, string> = {};
  beforeAll(() => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'slipway-cross-')));
    goEnv = goEnvironment();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return {
    get root() {
      return root;
    },
    workspace: (files, name = 'ws') => {
      const folder = path.join(mkdtempSync(path.join(root, 'case-')), name);
      mkdirSync(folder, { recursive: true });
      writeModule(folder, files);
      return folder;
    },
    run: (folder, inputs, more = {}) =>
      runBundle({
        action: 'go-cross-build',
        entry,
        workspace: folder,
        inputs: { packages: './...', ...inputs },
        timeoutMs: 280_000,
        ...more,
        env: { ...goEnv, ...more.env },
      }),
  };
}
