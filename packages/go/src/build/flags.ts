import { InputError } from '@slipway/runtime';

/** Flags for the packages that match a pattern. */
export interface PatternFlags {
  /** Empty for those that are named on the command line. */
  pattern: string;
  flags: string;
}

/** Parts `[pattern=]flags` as cmd/go does (go/src/cmd/go/internal/load: PerPackageFlag). */
export function splitPattern(text: string): PatternFlags {
  const trimmed = text.trim();
  const at = trimmed.indexOf('=');
  if (trimmed === '' || trimmed.startsWith('-') || at <= 0) return { pattern: '', flags: trimmed };
  return { pattern: trimmed.slice(0, at).trim(), flags: trimmed.slice(at + 1).trim() };
}

/** What GOFLAGS holds that a flag on the command line would silently replace. */
export interface GoFlags {
  ldflags: string;
  /** Linker flags for programs that match a pattern (`all=-X …`). */
  patternLdflags: readonly PatternFlags[];
  tags: readonly string[];
  /** True when GOFLAGS decides on version-control stamps itself. */
  buildvcs: boolean;
}

/**
 * Reads GOFLAGS as cmd/go does (go/src/cmd/internal/quoted): entries split at blanks, an entry may be
 * in single or double quotes. A flag given on the command line replaces the one in GOFLAGS, so those
 * that Slipway gives too are read here and merged.
 */
export function readGoFlags(text: string): GoFlags {
  const entries = splitQuoted(text, 'GOFLAGS');
  const values = (name: string): string[] =>
    entries
      .filter((entry) => new RegExp(`^--?${name}(=|$)`).test(entry))
      .map((entry) => (entry.includes('=') ? entry.slice(entry.indexOf('=') + 1) : ''));
  const ldflags = values('ldflags').map(splitPattern);
  return {
    ldflags: ldflags.filter(({ pattern }) => pattern === '').at(-1)?.flags ?? '',
    patternLdflags: ldflags.filter(({ pattern }) => pattern !== ''),
    tags: (values('tags').at(-1) ?? '').split(/[\s,]+/).filter((tag) => tag !== ''),
    buildvcs: values('buildvcs').length > 0,
  };
}

/** Splits at blanks; an entry that begins with a quote ends at the next one. There are no escapes. */
export function splitQuoted(text: string, name: string): string[] {
  const entries: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const quote = rest.charAt(0);
    if (quote === '"' || quote === "'") {
      const end = rest.indexOf(quote, 1);
      if (end < 0)
        throw new InputError(`${name} has a quote without its end: ${JSON.stringify(text)}.`);
      entries.push(rest.slice(1, end));
      rest = rest.slice(end + 1).trimStart();
    } else {
      const end = /\s/.exec(rest)?.index ?? rest.length;
      entries.push(rest.slice(0, end));
      rest = rest.slice(end).trimStart();
    }
  }
  return entries;
}
