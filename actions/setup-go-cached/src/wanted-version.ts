import * as fs from 'node:fs/promises';
import path from 'node:path';
import { parseVersionQuery, readVersionFile, type VersionQuery } from '@slipway/go';
import { InputError, type Log } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** Which Go the user wants, and where they said so. */
export interface WantedVersion {
  query: VersionQuery;
  /** For the log and the summary. */
  saidBy: string;
}

const wellKnownFiles = ['go.work', 'go.mod', '.go-version', '.tool-versions'];

async function fromFile(file: string, workspace: string): Promise<WantedVersion> {
  const shown = path.relative(workspace, file) || file;
  const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`go-version-file: ${shown} cannot be read.`, {
      next: 'is the path relative to the root of the checkout, and does actions/checkout run before this step?',
      cause: error,
    });
  });
  const { query, rule } = readVersionFile(shown, text);
  return { query: parseVersionQuery(query), saidBy: `${rule} of ${shown}` };
}

/** Reads go-version, else go-version-file. Undefined when neither was given. */
export async function readWantedVersion(
  inputs: Inputs,
  workspace: string,
  log: Log,
): Promise<WantedVersion | undefined> {
  if (inputs.goVersion !== '') {
    if (inputs.goVersionFile !== '')
      log.warning('go-version and go-version-file are both given; go-version is used.');
    return { query: parseVersionQuery(inputs.goVersion), saidBy: 'go-version' };
  }
  return inputs.goVersionFile === '' ? undefined : fromFile(inputs.goVersionFile, workspace);
}

/** The version that the checkout itself asks for, for a machine without any Go. */
export async function findWantedVersion(workspace: string): Promise<WantedVersion | undefined> {
  for (const name of wellKnownFiles) {
    const file = path.join(workspace, name);
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat?.isFile() === true) return fromFile(file, workspace);
  }
  return undefined;
}
