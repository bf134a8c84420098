import { InputError, nearestName, quoted } from '@slipway/runtime';

/** The version as file names show it: without a leading `v`, as most release pages do. */
export function fileVersion(version: string): string {
  return version.replace(/^v(?=\d)/, '');
}

/** What a file is named by. */
export interface NamedArtifact {
  program: string;
  version: string;
  /** `linux_armv7`: the system, and the processor with its level. */
  targetSlug: string;
}

/** How files are called unless it is said otherwise: `api_1.1.0_linux_armv7`, as goreleaser names archives. */
export const usualArtifactName = '{name}_{version}_{os}_{arch}';

/** Systems and processors as `uname` names them, which goreleaser's first configuration writes into names. */
const capitalized = (os: string): string => os.charAt(0).toUpperCase() + os.slice(1);
const machine = (arch: string): string => arch.replace(/^amd64/, 'x86_64').replace(/^386/, 'i386');

/** What each placeholder stands for; `{arch}` and `{machine}` have the processor's level in them. */
const placeholders: Readonly<Record<string, (named: NamedArtifact) => string>> = {
  name: ({ program }) => program,
  version: ({ version }) => fileVersion(version),
  tag: ({ version }) => version,
  os: ({ targetSlug }) => systemOf(targetSlug),
  Os: ({ targetSlug }) => capitalized(systemOf(targetSlug)),
  arch: ({ targetSlug }) => processorOf(targetSlug),
  machine: ({ targetSlug }) => machine(processorOf(targetSlug)),
};

const systemOf = (slug: string): string => slug.slice(0, slug.indexOf('_'));
const processorOf = (slug: string): string => slug.slice(slug.indexOf('_') + 1);

/** Fills a template in. What is not a placeholder stands for itself. */
export function artifactName(template: string, named: NamedArtifact): string {
  return template.replaceAll(/\{(\w+)\}/g, (text, key: string) => {
    const fill = Object.hasOwn(placeholders, key) ? placeholders[key] : undefined;
    return fill === undefined ? text : fill(named);
  });
}

/** Throws InputError for a template that is no file name, or has a placeholder that is none. */
export function checkArtifactName(template: string): void {
  const valid = Object.keys(placeholders).map((key) => `{${key}}`);
  for (const [text] of template.matchAll(/\{[^}]*\}?/g))
    if (!valid.includes(text)) {
      const near = nearestName(text, valid);
      throw new InputError(
        `${quoted(text)} is no placeholder${near === undefined ? '' : ` (did you mean ${near}?)`}; valid are ${valid.join(', ')}.`,
      );
    }
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.+-]{0,200}$/u.test(template.replaceAll(/\{\w+\}/g, 'x')))
    throw new InputError(
      `${quoted(template)} is no file name: letters, digits, "_", ".", "+" and "-" beside the placeholders.`,
    );
}
