import { InputError, quoted } from '@slipway/runtime';
import semver from 'semver';

/**
 * How release tags are written unless the user says otherwise. A tag without `v` that names no service is not among
 * them: calendar versions and tags of other things look the same.
 */
export const defaultTagFormats = [
  'v{version}',
  '{service}/v{version}',
  '{service}@{version}',
  '{service}@v{version}',
  '{service}-v{version}',
] as const;

/** Checks one format. Throws an InputError. */
export function checkTagFormat(format: string): string {
  const rest = format.replace('{version}', '').replace('{service}', '');
  if (!format.includes('{version}') || !/^[A-Za-z0-9._@/+-]*$/.test(rest))
    throw new InputError(
      `tag-format: ${quoted(format)} is not valid; use {version} once, {service} at most once, and letters, digits and any of . _ @ / + - around them.`,
      { next: 'Write for example v{version} and {service}/v{version}, one format per line.' },
    );
  return format;
}

/** What a tag says by one format. */
export interface FormattedTag {
  version: semver.SemVer;
  /** Undefined when the format names none, and null when it names one that is not here. */
  service: string | undefined | null;
  /** What stands where the service is expected. */
  written: string;
}

/** A semantic version without a leading `v`, as strictly as semver takes it. */
function readVersion(text: string): semver.SemVer | null {
  return /^\d/.test(text) ? semver.parse(text) : null;
}

/** What is between `before` and `after`, undefined when the text does not have both. */
function between(text: string, before: string, after: string): string | undefined {
  return text.startsWith(before) &&
    text.endsWith(after) &&
    text.length > before.length + after.length
    ? text.slice(before.length, text.length - after.length)
    : undefined;
}

/** Reads `tag` by one format, with a service that is among `services` by name or path. */
function readKnown(
  tag: string,
  format: string,
  services: readonly { name: string; path: string }[],
): FormattedTag | undefined {
  const candidates = format.includes('{service}')
    ? services.flatMap(({ name, path }) => [
        { service: name, written: name },
        { service: name, written: path },
      ])
    : [{ service: undefined, written: '' }];
  for (const { service, written } of candidates) {
    const [before = '', after = ''] = format.replace('{service}', written).split('{version}');
    const version = readVersion(between(tag, before, after) ?? '');
    if (version !== null) return { version, service, written };
  }
  return undefined;
}

/** Reads `tag` by one format with whatever stands for the service; for the message about it. */
function readUnknown(tag: string, format: string): FormattedTag | undefined {
  if (!format.includes('{service}')) return undefined;
  const [before = '', middle = '', after = ''] = format.split(/\{(?:service|version)\}/);
  const inner = between(tag, before, after);
  const serviceFirst = format.indexOf('{service}') < format.indexOf('{version}');
  for (let at = inner?.length ?? 0; inner !== undefined && at > 0; at -= 1) {
    if (!inner.startsWith(middle, at)) continue;
    const parts = [inner.slice(0, at), inner.slice(at + middle.length)];
    const [written = '', text = ''] = serviceFirst ? parts : parts.reverse();
    const version = readVersion(text);
    if (version !== null) return { version, service: null, written };
  }
  return undefined;
}

/** Reads a tag by the first format that fits, first of all with a service that is here. */
export function readFormattedTag(
  tag: string,
  formats: readonly string[],
  services: readonly { name: string; path: string }[],
): FormattedTag | undefined {
  for (const format of formats) {
    const known = readKnown(tag, format, services);
    if (known !== undefined) return known;
  }
  for (const format of formats) {
    const unknown = readUnknown(tag, format);
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}
