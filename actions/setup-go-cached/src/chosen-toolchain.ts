import path from 'node:path';
import {
  chooseVersion,
  ensureToolchain,
  releaseName,
  toolchainOnPath,
  toolchainPlatform,
  type GoVersion,
  type ReadyToolchain,
  type ToolchainPorts,
  type ToolchainSources,
} from '@slipway/go';
import { InputError, type RunnerEnvironment } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';
import { findWantedVersion, readWantedVersion, versionFileOptions } from './wanted-version.ts';

/** The chosen release, and how to get hold of it. */
export interface ChosenToolchain {
  version: GoVersion;
  /** For the summary, for example `the go line of go.mod, newest published`. */
  why: string;
  architecture: string;
  ready(): Promise<ReadyToolchain>;
}

/** Decides on a release from inputs, files and what is installed. Nothing is installed yet. */
export async function chooseToolchain(
  ports: ToolchainPorts,
  inputs: Inputs,
  machine: { runner: RunnerEnvironment; arch: string; settings: Readonly<Record<string, string>> },
): Promise<ChosenToolchain> {
  const { runner, settings } = machine;
  const host = toolchainPlatform(runner.os, machine.arch);
  const platform = toolchainPlatform(runner.os, inputs.architecture || machine.arch);
  const downloadBase =
    inputs.goDownloadBaseUrl || (ports.env['GO_DOWNLOAD_BASE_URL'] ?? '').replace(/\/+$/, '');
  const sources: ToolchainSources = {
    cacheFolder: runner.toolCache ?? path.join(runner.tempDir, 'slipway-tools'),
    platform,
    isHostPlatform: host.arch === platform.arch,
    ...(downloadBase === '' ? {} : { downloadBase }),
    ...(inputs.token === '' ? {} : { downloadToken: inputs.token }),
  };
  const reading = versionFileOptions(ports.env);
  const wanted = await readWantedVersion(inputs, runner.workspace, ports.log, reading);
  if (wanted === undefined) {
    const onPath = await toolchainOnPath(ports.env, platform);
    if (onPath !== undefined)
      return {
        version: onPath.version,
        why: 'no version was asked for; the Go in PATH is used',
        architecture: platform.arch,
        ready: () => Promise.resolve({ ...onPath, how: 'path' }),
      };
  }
  const asked = wanted ?? (await findWantedVersion(runner.workspace, reading));
  if (asked === undefined)
    throw new InputError('No Go version is given and there is no Go in PATH.', {
      next: "set go-version: '1.26' or go-version-file: go.mod",
    });
  const { version, rule } = await chooseVersion(ports, sources, asked.query, {
    checkLatest: inputs.checkLatest,
    settings,
  });
  const why = `${asked.query.text} by ${asked.saidBy}, ${rule}`;
  ports.log.info(`Go ${releaseName(version)} (${why})`);
  return {
    version,
    why,
    architecture: platform.arch,
    ready: () => ensureToolchain(ports, sources, version, settings),
  };
}
