import { isProgramName, type CgoMode, type GivenName } from '@slipway/go';
import {
  quoted,
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
  type SettingsRule,
} from '@slipway/runtime';

import { readImageInputs, type ImageInputs } from './image/image-inputs.ts';
import { readArchiveInputs, type ArchiveInputs } from './archive-inputs.ts';

/** The inputs of go-cross-build. */
export interface Inputs {
  targets: readonly string[];
  packages: readonly string[];
  /** What programs are called: of one, or of the only one. */
  program: readonly GivenName[];
  workingDirectory: string;
  version: string;
  ldflags: string;
  /** `import/path.name=value` each; undefined for the default ones. */
  stamps: readonly string[] | undefined;
  tags: readonly string[];
  cgo: CgoMode;
  /** Whether a checkout with changes is refused; `auto` refuses on tags. */
  dirty: 'auto' | 'fail' | 'warn';
  /** Whether modules from folders outside of the checkout are refused; `auto` refuses on tags. */
  localReplace: 'auto' | 'fail' | 'warn';
  outputDir: string;
  clean: boolean;
  archives: ArchiveInputs;
  sbom: boolean;
  images: ImageInputs;
  planOnly: boolean;
  maxJobs: number;
}

function isTargetLine(line: string): boolean {
  const target = line.replace(/^!\s*/, '');
  return /^(?:first-class|all|[a-z0-9*]{1,20}\/[a-z0-9*]{1,20}(?:\/[a-z0-9.,]{1,30})?)$/.test(
    target,
  );
}

/** Judges each entry of the lists. */
function checkLists(read: InputReader, inputs: Inputs): void {
  for (const target of inputs.targets)
    if (!isTargetLine(target))
      read.problem(
        `targets: ${quoted(target)} is not of the form os/arch or os/arch/variant, a glob such as linux/*, first-class or all, each with ! for what is taken out.`,
      );
  for (const { name } of inputs.program)
    if (!isProgramName(name))
      read.problem(`program: ${quoted(name)} cannot be the name of a program's file.`);
  if (inputs.program.length > 1 && inputs.program.some(({ of }) => of === undefined))
    read.problem('program: of several, each is written as package=name.');
  for (const stamp of inputs.stamps ?? [])
    if (!/^[^\s='"]+\.[\p{L}_][\p{L}_\p{N}]*=[^'"\r\n]*$/u.test(stamp))
      read.problem(
        `stamps: ${quoted(stamp)} is not of the form import/path.name=value, without quotes.`,
      );
  for (const tag of inputs.tags)
    if (!/^[\p{L}\p{N}_.]{1,100}$/u.test(tag))
      read.problem(`tags: ${quoted(tag)} is not a build tag (letters, digits, "_" and ".").`);
}

/** What is built is said in one place or the other: no list is made of two. */
const settings: SettingsRule = { joined: [] };

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  const build = (read: InputReader): Inputs => {
    const inputs: Inputs = {
      targets: read.list('targets', { default: ['linux/amd64'], operands: true }),
      packages: read.list('packages', { default: ['./...'], operands: true }),
      program: read.list('program').map(readName),
      workingDirectory: read.path('working-directory', { default: '.' }),
      version: read.string('version', {
        pattern: /^[0-9A-Za-z][0-9A-Za-z._+-]{0,127}$/,
        expected:
          'letters, digits and . _ + - only (of a tag such as api/v1.2.0 give the part behind the slash)',
      }),
      ldflags: read.string('ldflags', {
        pattern: /^[^\r\n]*$/,
        expected: 'one line',
      }),
      stamps: readStamps(read.list('stamps')),
      tags: read.list('tags'),
      cgo: read.oneOf('cgo', ['auto', 'true', 'false']),
      dirty: read.oneOf('dirty', ['auto', 'fail', 'warn']),
      localReplace: read.oneOf('local-replace', ['auto', 'fail', 'warn']),
      outputDir: read.path('output-dir', { default: 'dist' }),
      clean: read.boolean('clean'),
      archives: readArchiveInputs(read),
      sbom: read.boolean('sbom', { default: true }),
      images: readImageInputs(read),
      planOnly: read.boolean('plan-only'),
      maxJobs: read.integer('max-jobs', { default: 4, min: 1, max: 256 }),
    };
    checkLists(read, inputs);
    return inputs;
  };
  return readInputs(source, runner.workspace, build, settings);
}

/** `name`, or `package=name` with an import path or a folder. */
function readName(line: string): GivenName {
  const at = line.lastIndexOf('=');
  if (at < 0) return { of: undefined, name: line };
  return { of: line.slice(0, at).trim(), name: line.slice(at + 1).trim() };
}

function readStamps(lines: readonly string[]): readonly string[] | undefined {
  if (lines.length === 0) return undefined;
  return lines.length === 1 && lines[0] === 'none' ? [] : lines;
}
