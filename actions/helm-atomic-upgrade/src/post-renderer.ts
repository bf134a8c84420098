import { findProgram, isProgram } from '@slipway/exec';
import { preparePostRenderer, type PreparedPostRenderer } from '@slipway/helm';
import { InputError, type Run } from '@slipway/runtime';
import type { PostRendererInput } from './inputs.ts';

/**
 * The post-renderer of the inputs, made known to Helm below `folder`; undefined when there is none.
 * Throws InputError when its program is not there.
 */
export async function postRendererOf(
  { env, runner }: Run,
  { program, args }: PostRendererInput,
  folder: string,
): Promise<PreparedPostRenderer | undefined> {
  if (program === '') return undefined;
  const lookup = { platform: process.platform, env, isProgram };
  const found = findProgram(program, runner.workspace, lookup);
  if (found === undefined)
    throw new InputError(`post-renderer: there is no program ${program} on this runner.`, {
      next:
        'Name one that an earlier step put on PATH, or an executable file of the checkout with its ' +
        'path, such as ./deploy/post-render.sh (chmod +x).',
    });
  return await preparePostRenderer({ program: found, args }, folder);
}
