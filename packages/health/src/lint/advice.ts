/** Something that would keep a verification from telling anything, found before it begins. */
export interface Advice {
  /** The input or the assertion that it is about. */
  about: string;
  /** `error`: the verification would certainly end as cannot-observe. */
  level: 'warning' | 'error';
  /** One sentence. May quote what a server said: escape it. */
  detail: string;
  /** What a person should do. */
  next: string;
}

/** An advice that stops nothing. */
export function warning(about: string, detail: string, next: string): Advice {
  return { about, level: 'warning', detail, next };
}
