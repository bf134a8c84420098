import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@slipway/runtime';
import type { Target } from '../../target/index.ts';

/** The C and C++ compilers for one target, as cgo takes them. */
export interface CCompiler {
  cc: string;
  cxx: string | undefined;
  /** Where it comes from, for the log. */
  source: string;
}

// GNU triples of Debian's cross compilers, and zig's targets. ARMv6 has no GNU one: Debian's gnueabihf
// makes ARMv7 code, which would crash there.
const toolchains: Readonly<Record<string, { gnu?: string; zig: string; mcpu?: string }>> = {
  'linux/amd64': { gnu: 'x86_64-linux-gnu', zig: 'x86_64-linux-musl' },
  'linux/386': { gnu: 'i686-linux-gnu', zig: 'x86-linux-musl' },
  'linux/arm/5': { gnu: 'arm-linux-gnueabi', zig: 'arm-linux-musleabi', mcpu: 'arm926ej_s' },
  'linux/arm/6': { zig: 'arm-linux-musleabihf', mcpu: 'arm1176jzf_s' },
  'linux/arm/7': { gnu: 'arm-linux-gnueabihf', zig: 'arm-linux-musleabihf', mcpu: 'cortex_a7' },
  'linux/arm64': { gnu: 'aarch64-linux-gnu', zig: 'aarch64-linux-musl' },
  'linux/riscv64': { gnu: 'riscv64-linux-gnu', zig: 'riscv64-linux-musl' },
  'linux/ppc64le': { gnu: 'powerpc64le-linux-gnu', zig: 'powerpc64le-linux-musl' },
  'linux/s390x': { gnu: 's390x-linux-gnu', zig: 's390x-linux-musl' },
  'linux/mips': { gnu: 'mips-linux-gnu', zig: 'mips-linux-musleabihf' },
  'linux/mipsle': { gnu: 'mipsel-linux-gnu', zig: 'mipsel-linux-musleabihf' },
  'linux/mips64le': { gnu: 'mips64el-linux-gnuabi64', zig: 'mips64el-linux-muslabi64' },
  'windows/amd64': { gnu: 'x86_64-w64-mingw32', zig: 'x86_64-windows-gnu' },
  'windows/386': { gnu: 'i686-w64-mingw32', zig: 'x86-windows-gnu' },
  'windows/arm64': { zig: 'aarch64-windows-gnu' },
};

/** Whether a program of that name is in the folders of PATH. */
export async function onPath(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter))
    for (const ending of endings)
      try {
        await fs.access(path.join(folder, name + ending), fs.constants.X_OK);
        return true;
      } catch {
        continue;
      }
  return false;
}

/** The environment variable in which a user names the C compiler of one target. */
export function compilerVariable(target: Target, kind: 'CC' | 'CXX' = 'CC'): string {
  const variant = target.variant === undefined ? '' : `_${target.variant.replace(/\W+/g, '_')}`;
  return `${kind}_${target.goos}_${target.goarch}${variant}`;
}

/** Which compiler is looked for, and where. */
interface CompilerSearch {
  target: Target;
  env: Readonly<Record<string, string | undefined>>;
  host: { goos: string; goarch: string };
}

function knownToolchain({
  goos,
  goarch,
  variant = '7',
}: Target): (typeof toolchains)[string] | undefined {
  const level = goarch === 'arm' ? `/${variant.charAt(0)}` : '';
  return toolchains[`${goos}/${goarch}${level}`];
}

/**
 * Finds what compiles C for `target`: `CC_<os>_<arch>[_<variant>]` of the environment, for the host's
 * own target `CC`, gcc or clang, else a GNU cross compiler or zig on PATH. Undefined when there is none.
 */
export async function findCCompiler(search: CompilerSearch): Promise<CCompiler | undefined> {
  const { target, env, host } = search;
  const plain = `${target.goos}_${target.goarch}`;
  for (const name of [compilerVariable(target), `CC_${plain}`]) {
    const cc = env[name];
    if (cc !== undefined && cc.trim() !== '')
      return { cc, cxx: env[name.replace(/^CC/, 'CXX')], source: name };
  }
  if (target.goos === host.goos && target.goarch === host.goarch) {
    const cc = env['CC'];
    if (cc !== undefined && cc.trim() !== '') return { cc, cxx: env['CXX'], source: 'CC' };
    for (const [name, cxx] of [
      ['gcc', 'g++'],
      ['clang', 'clang++'],
    ] as const)
      if (await onPath(name, env)) return { cc: name, cxx, source: 'PATH' };
  }
  const known = knownToolchain(target);
  if (known?.gnu !== undefined && (await onPath(`${known.gnu}-gcc`, env)))
    return { cc: `${known.gnu}-gcc`, cxx: `${known.gnu}-g++`, source: 'PATH' };
  if (known !== undefined && (await onPath('zig', env))) {
    const flags = `-target ${known.zig}${known.mcpu === undefined ? '' : ` -mcpu=${known.mcpu}`}`;
    return { cc: `zig cc ${flags}`, cxx: `zig c++ ${flags}`, source: 'zig on PATH' };
  }
  return undefined;
}

/** That `neededBy`, an import path, cannot be built for want of a compiler, with what can be done. */
export function missingCCompiler(target: Target, neededBy: string): InputError {
  const known = knownToolchain(target);
  return new InputError(
    `${neededBy} needs cgo, but no C compiler for ${target.text} was found: ${compilerVariable(target)} is not set${
      known?.gnu === undefined ? '' : `, ${known.gnu}-gcc is not on PATH`
    }${known === undefined ? '' : ', nor is zig'}.`,
    {
      next: `Set ${compilerVariable(target)} in the step's env${
        known?.gnu === undefined
          ? ''
          : `, or install one (Debian and Ubuntu: ${debianPackage(known.gnu)})`
      }, or set cgo to false if the program works without.`,
    },
  );
}

function debianPackage(triple: string): string {
  return triple.includes('mingw32')
    ? `gcc-mingw-w64-${triple.startsWith('x86_64') ? 'x86-64' : 'i686'}`
    : `gcc-${triple.replace('x86_64', 'x86-64')}`;
}
