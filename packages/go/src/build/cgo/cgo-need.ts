import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { GoPackage } from '../../graph/index.ts';
import type { Target } from '../../target/index.ts';

/** Names of Go's ports in a file's name (go/src/internal/syslist), as far as they keep us from reading. */
const portSuffix = /_([a-z0-9]+?)(?:_([a-z0-9]+))?(?:_test)?\.go$/;
const knownSystems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos'.split(
    ' ',
  ),
);

/** Whether the name alone keeps a file out of the target, so that it need not be read. */
function isForAnotherSystem(file: string, { goos }: Target): boolean {
  const [, first = '', second = ''] = portSuffix.exec(file) ?? [];
  const system = [first, second].find((part) => knownSystems.has(part));
  return system !== undefined && system !== goos && !(goos === 'android' && system === 'linux');
}

const importsC = /^[ \t]*(?:import[ \t]+)?"C"\s*(?:;|$|\/\/)/m;
const constraint = /^\/\/go:build (.*)$/m;

/** Whether a file is left out because cgo is off, or might be. */
function concernsCgo(text: string): boolean {
  const condition = constraint.exec(text)?.[1] ?? '';
  return /(?:^|[\s(&|])cgo\b/.test(condition) || importsC.test(text);
}

async function anyFile(
  pkg: GoPackage,
  files: readonly string[],
  holds: (text: string) => boolean,
): Promise<boolean> {
  for (const file of files) {
    const text = await fs.readFile(path.join(pkg.Dir ?? '', file), 'utf8').catch(() => '');
    if (holds(text)) return true;
  }
  return false;
}

/**
 * Whether packages listed without cgo would be others with it: a file of theirs imports "C" or asks for
 * cgo. Only then is it worth to list them again.
 */
export async function isCgoInPlay(
  packages: readonly GoPackage[],
  target: Target,
): Promise<boolean> {
  for (const pkg of packages) {
    if (pkg.Standard === true) continue;
    const files = (pkg.IgnoredGoFiles ?? []).filter((file) => !isForAnotherSystem(file, target));
    if (await anyFile(pkg, files, concernsCgo)) return true;
  }
  return false;
}

/**
 * Text constants by which the file that stands in for C code says that it cannot do its work
 * (mattn/go-sqlite3: "go-sqlite3 requires cgo to work. This is a stub"). Comments do not count: those of
 * files that do work explain what they do without.
 */
const confession = /CGO_ENABLED|\b(?:requires?|needs?|without|compiled with(?:out)?) cgo\b/i;
/** Texts, runes and comments, each to its end, so that none begins inside another. */
const lexemes =
  /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g;

/**
 * Names of files that stand in for C code and do nothing, often without a word (`usb_disabled.go` in
 * tranvictor/jarvis finds no device, `nsenter_unsupported.go` in opencontainers/runc enters none).
 */
const stubName =
  /(?:^|_)(?:disabled|stubs?|unsupported|unavailable|dummy|noop)(?:_[a-z0-9]+)*\.go$/;

function isStub(text: string): boolean {
  const found = text.match(lexemes) ?? [];
  return found.some((lexeme) => /^["`]/.test(lexeme) && confession.test(lexeme));
}

/**
 * The first package, of those outside the standard library that a program needs, that has no way but C
 * code: with cgo it has files that it lacks without, and nothing takes their place but a stub. `without`
 * and `withCgo` are the same packages listed with cgo off and on, by import path.
 */
export async function packageInNeedOfCgo(
  needed: readonly string[],
  without: ReadonlyMap<string, GoPackage>,
  withCgo: ReadonlyMap<string, GoPackage>,
): Promise<string | undefined> {
  for (const importPath of needed) {
    const [plain, withC] = [without.get(importPath), withCgo.get(importPath)];
    // One that is not reached without cgo has been replaced by whoever imports it.
    if (plain === undefined || withC === undefined || plain.Standard === true) continue;
    const plainFiles = plain.GoFiles ?? [];
    const cFiles = [...(withC.GoFiles ?? []), ...(withC.CgoFiles ?? [])];
    if (cFiles.every((file) => plainFiles.includes(file))) continue;
    const instead = plainFiles.filter((file) => !cFiles.includes(file));
    const isNothing = instead.length === 0 || instead.some((file) => stubName.test(file));
    if (isNothing || (await anyFile(plain, instead, isStub))) return importPath;
  }
  return undefined;
}
