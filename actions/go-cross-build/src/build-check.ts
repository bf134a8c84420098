import type { BuildInfo } from '@slipway/artifact';
import type { BuildSource, BuiltUnit } from '@slipway/go';
import { ActionError, type Log } from '@slipway/runtime';

/**
 * Compares what the linker wrote into each program with what was asked for. A wrong target or cgo
 * setting fails; a commit stamped as modified although the checkout was clean is told.
 */
export function checkBuildInfo(
  log: Log,
  { unit, programs }: BuiltUnit,
  infoByFile: ReadonlyMap<string, BuildInfo>,
  source: BuildSource,
): void {
  for (const { name, file } of programs) {
    const info = infoByFile.get(file);
    if (info === undefined) {
      if (unit.target.goarch === 'wasm') continue;
      throw new ActionError(`${name} for ${unit.name} carries no Go build information.`, {
        next: 'Check that ldflags do not strip it and that no wrapper replaces go.',
      });
    }
    const expected = {
      GOOS: unit.target.goos,
      GOARCH: unit.target.goarch,
      CGO_ENABLED: unit.cgo ? '1' : '0',
    };
    for (const [key, value] of Object.entries(expected)) {
      const found = info.settings[key];
      // Go leaves CGO_ENABLED out where there is no cgo.
      if (found !== undefined && found !== value)
        throw new ActionError(
          `${name} for ${unit.name} was built with ${key}=${found}, not ${value}.`,
          { next: 'Look for GOFLAGS or a go.env that sets it.' },
        );
    }
    if (info.settings['vcs.modified'] === 'true' && !source.dirty)
      log.warning(
        `${name} for ${unit.name} says it was built from a modified checkout, though Git had it clean before the build; did another step write into the checkout meanwhile?`,
      );
  }
}
