import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { runBundle, type BundleResult } from '@slipway/testing';
import { copyPublishedProgram, publishedPrograms } from '../../fixtures/published-programs.ts';

const run = promisify(execFile);

/** crane of go-containerregistry: another implementation of the image format, to judge ours. */
export interface Crane {
  /** Runs it and gives all that it printed. */
  run(...args: string[]): Promise<string>;
  digestOf(reference: string): Promise<string>;
}

/** Builds crane into `scratch`. */
export async function buildCrane(scratch: string): Promise<Crane> {
  const folder = path.join(scratch, 'crane');
  await copyPublishedProgram(publishedPrograms.crane, folder);
  const program = path.join(scratch, 'crane-program');
  await run('go', ['build', '-buildvcs=false', '-o', program, './cmd/crane'], { cwd: folder });
  const call = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await run(program, args);
    return stdout + stderr;
  };
  return { run: call, digestOf: async (reference) => (await call('digest', reference)).trim() };
}

/** Runs go-cross-build in `workspace` with the caches and the proxy of this machine's Go. */
export async function crossBuild(
  workspace: string,
  inputs: Readonly<Record<string, string>>,
): Promise<BundleResult> {
  const { stdout } = await run('go', ['env', '-json', 'GOCACHE', 'GOMODCACHE', 'GOPROXY']);
  const settings = JSON.parse(stdout) as Record<string, string>;
  const env = { ...settings, GOENV: 'off', GOTOOLCHAIN: 'local' };
  return await runBundle({ action: 'go-cross-build', workspace, inputs, env, timeoutMs: 850_000 });
}
