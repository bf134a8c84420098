import { InputError, quoted } from '@slipway/runtime';

/** Where a credential is good for: a host, or what lies below a path there, such as an owner. */
export interface AccessPlace {
  /** Of GOPRIVATE it may begin with `*.`. */
  host: string;
  /** Undefined for that of the protocol. */
  port: number | undefined;
  /** Path elements without slashes at the ends; empty for all of the host. */
  prefix: string;
}

const hostName = String.raw`(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?`;
const placeForm = new RegExp(`^(${hostName})(?::(\\d{1,5}))?((?:/[A-Za-z0-9._~-]+)*)/?$`);

/** Reads `HOST`, `HOST:PORT` or `HOST/OWNER`. Undefined for anything else. */
export function parseAccessPlace(text: string): AccessPlace | undefined {
  const [, host, port, path = ''] = placeForm.exec(text) ?? [];
  if (host === undefined || path.split('/').includes('..')) return undefined;
  return {
    host: host.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    prefix: path.slice(1),
  };
}

/**
 * The place of a pattern of GOPRIVATE: its host, and its path as far as that has no wildcard. Undefined when the
 * host itself is a pattern other than `*.example.com`: no credential goes to hosts that nobody named.
 */
export function placeOfPattern(pattern: string): AccessPlace | undefined {
  const [host = '', ...elements] = pattern.replace(/\/+$/, '').split('/');
  const wild = elements.findIndex((element) => /[*?[\\]/.test(element));
  const prefix = wild < 0 ? elements : elements.slice(0, wild);
  return parseAccessPlace([host, ...prefix].join('/'));
}

/** The patterns of GOPRIVATE in a list of one per line, some of which may hold several with commas between. */
export function privatePatterns(entries: readonly string[]): readonly string[] {
  const patterns = entries
    .flatMap((entry) => entry.split(','))
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  for (const pattern of patterns)
    if (/[\s"'`]/.test(pattern) || pattern.includes('://'))
      throw new InputError(
        `${quoted(pattern)} is no pattern of GOPRIVATE; expected module paths such as github.com/acme/* or *.corp.example.com.`,
      );
  return patterns;
}

/** A place for people: `github.com/acme`. */
export function shownPlace({ host, port, prefix }: AccessPlace): string {
  return `${host}${port === undefined ? '' : `:${port}`}${prefix === '' ? '' : `/${prefix}`}`;
}
