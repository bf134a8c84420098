import type { Exec } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';

/** A pair of operating system and processor that a Go toolchain can build for. */
export interface GoPort {
  goos: string;
  goarch: string;
  cgoSupported: boolean;
  firstClass: boolean;
}

interface DistEntry {
  GOOS: string;
  GOARCH: string;
  CgoSupported: boolean;
  FirstClass: boolean;
}

/**
 * The ports of the `go` that will build, from `go tool dist list -json`. A table of our own would rot:
 * Go 1.26 removed windows/arm and releases broke (goreleaser#6486).
 */
export async function readPorts(
  exec: Exec,
  options: { cwd?: string; signal?: AbortSignal } = {},
): Promise<GoPort[]> {
  const { stdout } = await exec('go', ['tool', 'dist', 'list', '-json'], options);
  try {
    return (JSON.parse(stdout) as DistEntry[]).map((entry) => ({
      goos: entry.GOOS,
      goarch: entry.GOARCH,
      cgoSupported: entry.CgoSupported,
      firstClass: entry.FirstClass,
    }));
  } catch (cause) {
    throw new ActionError('"go tool dist list -json" did not print a list of ports.', {
      cause,
      next: 'Check that the go on PATH is a complete Go distribution.',
    });
  }
}
