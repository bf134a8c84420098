import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';
import { modLines, type ModLine } from '../module/index.ts';

/** What a version file asks for, and which line of it said so. */
export interface VersionFileResult {
  /** For `parseVersionQuery`. */
  query: string;
  /** For the log, for example `the toolchain line`. */
  rule: string;
}

const maxFileBytes = 1_048_576;

/** The value of a top-level directive of go.mod or go.work (go.dev/ref/mod#go-mod-file-grammar). */
function directive(lines: readonly ModLine[], name: string): string | undefined {
  // A line with more than one word is kept whole, so that it is refused and not overlooked.
  return lines
    .find(({ verb, words, inBlock }) => verb === name && words.length > 0 && !inBlock)
    ?.words.join(' ');
}

function fromModFile(text: string, file: string): VersionFileResult {
  const lines = modLines(text);
  const toolchain = directive(lines, 'toolchain');
  if (toolchain !== undefined && toolchain !== 'default') {
    // A custom toolchain is named go1.21.3-name; its base release is what can be installed.
    const base = /^go(\d[\w.]*?)(?:-[\w.+-]+)?$/.exec(toolchain)?.[1];
    if (base === undefined)
      throw new InputError(
        `The toolchain line of ${file} says ${quoted(toolchain)}, which is no Go release; expected for example go1.24.3 or default.`,
      );
    return { query: base, rule: 'the toolchain line' };
  }
  const language = directive(lines, 'go');
  if (language === undefined)
    throw new InputError(`${file} has no go line, so it names no Go version.`, {
      next: 'add one (go mod edit -go=1.26), or give go-version',
    });
  return { query: language, rule: 'the go line' };
}

function fromToolVersions(text: string, file: string): VersionFileResult {
  for (const line of text.split(/\r?\n/)) {
    const [name, version] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if ((name === 'golang' || name === 'go') && version !== undefined)
      return { query: version, rule: `the ${name} line` };
  }
  throw new InputError(`${file} has no golang line, so it names no Go version.`);
}

/**
 * Reads go.mod, go.work, .tool-versions or a file that holds nothing but a version (.go-version), told
 * apart by name. `file` is only named in messages. Throws InputError when no version is in it.
 */
export function readVersionFile(file: string, text: string): VersionFileResult {
  if (Buffer.byteLength(text) > maxFileBytes)
    throw new InputError(`${file} is larger than 1 MiB, so it is hardly a version file.`);
  const name = path.basename(file);
  if (name.endsWith('.mod') || name.endsWith('.work')) return fromModFile(text, file);
  if (name === '.tool-versions') return fromToolVersions(text, file);
  const [first] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
  if (first === undefined) throw new InputError(`${file} is empty, so it names no Go version.`);
  return { query: first.replace(/^go(?=\d)/, ''), rule: 'its first line' };
}
