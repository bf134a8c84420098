import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  parseVersionQuery,
  readVersionFile,
  type VersionFileOptions,
  type VersionQuery,
} from '@slipway/go';
import { InputError, type Log } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** Which Go the user wants, and where they said so. */
export interface WantedVersion {
  query: VersionQuery;
  /** For the log and the summary. */
  saidBy: string;
}

const wellKnownFiles = ['go.work', 'go.mod', '.go-version', '.tool-versions'];

async function fromFile(
  file: string,
  workspace: string,
  options: VersionFileOptions,
): Promise<WantedVersion | { unnamed: string }> {
  const inside = path.relative(workspace, file);
  const shown = inside === '' || inside.startsWith('..') ? file : inside;
  const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`go-version-file: ${shown} cannot be read.`, {
      next: 'is the path relative to the root of the checkout, and does actions/checkout run before this step?',
      cause: error,
    });
  });
  const found = readVersionFile(shown, text, options);
  return found === undefined
    ? { unnamed: shown }
    : { query: parseVersionQuery(found.query), saidBy: `${found.rule} of ${shown}` };
}

/** Set beside the GOTOOLCHAIN that this action exports, so that a second call knows it from the job's own. */
export const ownGotoolchain = 'SLIPWAY_GOTOOLCHAIN';

/** How the version files of a job are read, by what it says of GOTOOLCHAIN itself. */
export function versionFileOptions(
  env: Readonly<Record<string, string | undefined>>,
): VersionFileOptions {
  return { goLineOnly: env['GOTOOLCHAIN'] === 'local' && env[ownGotoolchain] !== 'local' };
}

/**
 * Reads go-version, else go-version-file. Undefined when neither was given, or the file names no version, as
 * a go.mod without a go line.
 */
export async function readWantedVersion(
  inputs: Inputs,
  workspace: string,
  log: Log,
  options: VersionFileOptions,
): Promise<WantedVersion | undefined> {
  if (inputs.goVersion !== '') {
    if (inputs.goVersionFile !== '')
      log.warning('go-version and go-version-file are both given; go-version is used.');
    return { query: parseVersionQuery(inputs.goVersion), saidBy: 'go-version' };
  }
  if (inputs.goVersionFile === '') return undefined;
  const found = await fromFile(inputs.goVersionFile, workspace, options);
  if (!('unnamed' in found)) return found;
  log.warning(`${found.unnamed} names no Go version; the Go in PATH is used.`);
  return undefined;
}

/** The version that the checkout itself asks for, for a machine without any Go. */
export async function findWantedVersion(
  workspace: string,
  options: VersionFileOptions,
): Promise<WantedVersion | undefined> {
  for (const name of wellKnownFiles) {
    const file = path.join(workspace, name);
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat?.isFile() !== true) continue;
    const found = await fromFile(file, workspace, options);
    if (!('unnamed' in found)) return found;
  }
  return undefined;
}
