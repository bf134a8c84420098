import {
  compilerVariable,
  externalLinker,
  findCCompiler,
  type BuildToolchain,
  type CgoMode,
  type Target,
} from '@slipway/go';
import { InputError } from '@slipway/runtime';

/**
 * How C code is treated for a target, so that it can be linked: what Go's own linker makes no programs
 * for is built with cgo, as Go itself does given a compiler. Throws InputError with the reason when there
 * is none, before anything is built.
 */
export async function cgoToLink(
  target: Target,
  options: {
    cgo: CgoMode;
    env: Readonly<Record<string, string | undefined>>;
    host: BuildToolchain['host'];
    /** Then nothing is linked here. */
    planOnly: boolean;
  },
): Promise<CgoMode> {
  const { cgo, env, host, planOnly } = options;
  const linker = externalLinker(target);
  if (linker === undefined || planOnly) return cgo;
  if (cgo !== 'false' && (await findCCompiler({ target, env, host })) !== undefined) return 'true';
  const why = `Go's own linker makes no programs for ${target.text}: ${linker} has to link them`;
  throw new InputError(
    cgo === 'false'
      ? `${why}, which is not asked for without cgo.`
      : `${why}, and ${compilerVariable(target)} names no compiler of it.`,
    {
      next: `Take ${target.text} out of targets, or set ${compilerVariable(target)} in the step's env to the compiler and leave cgo on.`,
    },
  );
}
