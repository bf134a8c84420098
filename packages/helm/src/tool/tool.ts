import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { ActionError, InputError } from '@slipway/runtime';
import { installHelm } from './install.ts';
import type { HelmToolPorts } from './ports.ts';

/** The majors that Slipway drives; their flags differ (see arguments.ts). */
export type HelmMajor = 3 | 4;

/** One Helm binary. */
export interface HelmTool {
  /** Absolute path. */
  path: string;
  /** Without the leading v. */
  version: string;
  major: HelmMajor;
}

async function onPath(ports: HelmToolPorts): Promise<string | undefined> {
  const names = ports.os === 'win32' ? ['helm.exe'] : ['helm'];
  for (const folder of (ports.env['PATH'] ?? ports.env['Path'] ?? '').split(path.delimiter))
    for (const name of names) {
      if (folder === '') continue;
      const file = path.join(folder, name);
      const usable = await fs.access(file, fs.constants.X_OK).then(
        () => true,
        () => false,
      );
      if (usable) return path.resolve(file);
    }
  return undefined;
}

/**
 * Asks the binary at `file` for its version. Throws ActionError when it is no Helm or of a major that
 * Slipway does not know.
 */
export async function probeHelm(exec: Exec, file: string): Promise<HelmTool> {
  let printed: string;
  try {
    printed = (await exec(file, ['version', '--template', '{{.Version}}'], { timeoutMs: 20_000 }))
      .stdout;
  } catch (cause) {
    if (!(cause instanceof ExecError)) throw cause;
    throw new ActionError(`${file} does not tell its version, so it is no working Helm.`, {
      next: 'Set helm-version to let Slipway fetch one, for example 4.2.3.',
      cause,
    });
  }
  const version = /^v?(\d+\.\d+\.\d+\S*)/.exec(printed.trim())?.[1] ?? '';
  return { path: file, version, major: majorOf(file, version || printed.trim().slice(0, 40)) };
}

function majorOf(file: string, version: string): HelmMajor {
  const major = Number(/^\d+(?=\.)/.exec(version)?.[0]);
  if (major !== 3 && major !== 4)
    throw new ActionError(`${file} is Helm ${version}.`, {
      next: 'Slipway drives Helm 3 and Helm 4; set helm-version, for example 4.2.3.',
    });
  return major;
}

/** Throws ActionError unless the binary that was fetched for `exact` says that it is that. */
async function expectVersion(ports: HelmToolPorts, file: string, exact: string): Promise<void> {
  const { version } = await probeHelm(ports.exec, file);
  if (version === exact || version.startsWith(`${exact}+`)) return;
  throw new ActionError(`The Helm ${exact} that was fetched says it is ${version}.`, {
    title: 'Helm download',
    next: 'Look at what helm-download-base-url serves under that version.',
  });
}

/**
 * The Helm to use: with `version` (exact, as `4.2.3`) that one, from the tool cache or downloaded and
 * verified by its sha256; without, the one on PATH. The major never changes by itself. Throws
 * InputError for a version that is not exact, ActionError when there is no Helm.
 */
export async function ensureHelm(version: string, ports: HelmToolPorts): Promise<HelmTool> {
  if (version !== '') {
    const exact = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(version)?.[1];
    if (exact === undefined)
      throw new InputError(`helm-version: ${JSON.stringify(version)} is not an exact version.`, {
        next: 'Write all three numbers, for example 4.2.3 or 3.21.4: a range would change Helm under you.',
      });
    const file = await installHelm(exact, ports, (fetched) => expectVersion(ports, fetched, exact));
    return { path: file, version: exact, major: majorOf(file, exact) };
  }
  const found = await onPath(ports);
  if (found === undefined)
    throw new ActionError('There is no helm on the PATH of this runner.', {
      title: 'Helm is missing',
      next: 'Set helm-version (for example 4.2.3), and Slipway fetches and verifies it.',
    });
  return await probeHelm(ports.exec, found);
}
