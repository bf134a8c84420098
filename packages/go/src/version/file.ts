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

/** How a version file is read. */
export interface VersionFileOptions {
  /**
   * Whether the toolchain line of go.mod and go.work counts for nothing, as actions/setup-go has it when the
   * job says `GOTOOLCHAIN: local`.
   */
  goLineOnly?: boolean;
}

const maxFileBytes = 1_048_576;

/** The value of a top-level directive of go.mod or go.work (go.dev/ref/mod#go-mod-file-grammar). */
function directive(lines: readonly ModLine[], name: string): string | undefined {
  // A line with more than one word is kept whole, so that it is refused and not overlooked.
  return lines
    .find(({ verb, words, inBlock }) => verb === name && words.length > 0 && !inBlock)
    ?.words.join(' ');
}

function fromModFile(
  text: string,
  file: string,
  options: VersionFileOptions,
): VersionFileResult | undefined {
  const lines = modLines(text);
  const toolchain = options.goLineOnly === true ? undefined : directive(lines, 'toolchain');
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
  return language === undefined ? undefined : { query: language, rule: 'the go line' };
}

function fromToolVersions(text: string): VersionFileResult | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [name, version] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if ((name === 'golang' || name === 'go') && version !== undefined)
      return { query: version, rule: `the ${name} line` };
  }
  return undefined;
}

/**
 * Reads go.mod, go.work, .tool-versions or a file that holds nothing but a version (.go-version), told
 * apart by name. `file` is only named in messages. Undefined when the file names no version, which a go.mod
 * need not. Throws InputError when it names something else.
 */
export function readVersionFile(
  file: string,
  text: string,
  options: VersionFileOptions = {},
): VersionFileResult | undefined {
  if (Buffer.byteLength(text) > maxFileBytes)
    throw new InputError(`${file} is larger than 1 MiB, so it is hardly a version file.`);
  const name = path.basename(file);
  if (name.endsWith('.mod') || name.endsWith('.work')) return fromModFile(text, file, options);
  if (name === '.tool-versions') return fromToolVersions(text);
  const [first] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
  return first === undefined
    ? undefined
    : { query: first.replace(/^go(?=\d)/, ''), rule: 'its first line' };
}
