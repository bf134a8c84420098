import { InputError, quoted } from '@slipway/runtime';

/** A machine that a toolchain runs on, in the names of all who have a say. */
export interface ToolchainPlatform {
  /** GOOS. */
  os: 'linux' | 'darwin' | 'windows';
  /** GOARCH. */
  arch: string;
  /** As in archive names on go.dev: GOARCH, except `armv6l`. */
  archiveArch: string;
  /** As in the folders of the tool cache: Node's names. */
  toolCacheArch: string;
}

const systems = { linux: 'linux', darwin: 'darwin', win32: 'windows' } as const;

const architectures: Readonly<Record<string, { go: string; node: string }>> = {
  x64: { go: 'amd64', node: 'x64' },
  amd64: { go: 'amd64', node: 'x64' },
  x86_64: { go: 'amd64', node: 'x64' },
  x86: { go: '386', node: 'x86' },
  // actions/setup-go's name for it, and that of its folder.
  x32: { go: '386', node: 'x32' },
  ia32: { go: '386', node: 'x86' },
  386: { go: '386', node: 'x86' },
  arm64: { go: 'arm64', node: 'arm64' },
  aarch64: { go: 'arm64', node: 'arm64' },
  arm: { go: 'arm', node: 'arm' },
  armv7l: { go: 'arm', node: 'arm' },
  loong64: { go: 'loong64', node: 'loong64' },
  ppc64: { go: 'ppc64le', node: 'ppc64' },
  ppc64le: { go: 'ppc64le', node: 'ppc64' },
  riscv64: { go: 'riscv64', node: 'riscv64' },
  s390x: { go: 's390x', node: 's390x' },
};

/** The platform named by the `architecture` input (Node's or Go's name). Throws InputError on others. */
export function toolchainPlatform(
  os: 'linux' | 'darwin' | 'win32',
  architecture: string,
): ToolchainPlatform {
  const found = architectures[architecture.toLowerCase()];
  if (found === undefined)
    throw new InputError(
      `${quoted(architecture)} is not a known architecture; expected one of: ${Object.keys(architectures).join(', ')}.`,
    );
  return {
    os: systems[os],
    arch: found.go,
    archiveArch: found.go === 'arm' ? 'armv6l' : found.go,
    toolCacheArch: found.node,
  };
}
