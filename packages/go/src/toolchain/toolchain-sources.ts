import { createHash } from 'node:crypto';
import type { ToolchainPlatform } from './platform.ts';

/** Where toolchains are looked for, in this order: PATH, tool cache, download site, GOPROXY. */
export interface ToolchainSources {
  /** The runner's tool cache, or any folder that may be laid out like it. */
  cacheFolder: string;
  platform: ToolchainPlatform;
  /** Whether programs for `platform` run here, so that a `go` in PATH will do. */
  isHostPlatform: boolean;
  /** The only download site allowed when given; else go.dev/dl with GOPROXY behind it. */
  downloadBase?: string;
  /** For that site, as actions/setup-go sends it: `Authorization: token …`. */
  downloadToken?: string;
}

/** The name in the tool cache: what another site calls Go never mixes with Go's own. */
export const toolName = ({ downloadBase }: ToolchainSources): string =>
  downloadBase === undefined
    ? 'go'
    : `go-${createHash('sha256').update(downloadBase).digest('hex').slice(0, 8)}`;
