import { replaceSpan, type Span } from '@slipway/runtime';

/** A Go string as `%q` writes it. */
const goString = String.raw`"(?:[^"\\\n]|\\.)*"`;

const leftOut = '(left out)';

/** The end of a field's path that carries what a program is told. Looked for backwards, so that a path is read once. */
const told = String.raw`(?:\.value|\b(?:args|command)\[\d+\]|\b(?:data|stringData)\.[^\s:]+)`;

/**
 * Where the API server quotes what an object holds, and what is left of it. Names of fields and of
 * objects stay, and the values of fields that name something: they are what one has to correct.
 */
const quotes: readonly (readonly [pattern: RegExp, rest: string])[] = [
  // Fields that carry what a program is told: an environment variable, arguments, data.
  [
    new RegExp(String.raw`(: (?:Invalid|Unsupported) value: )(?<=${told}\1)${goString}`, 'g'),
    `$1${leftOut}`,
  ],
  // A value of the wrong type in a server-side apply (structured-merge-diff: typed/validate.go).
  [/, got &(?:value\.valueUnstructured)?\{[^\n]*/g, ', got something else'],
  // Credentials in addresses.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^/?#\s"'@]{1,2000}@/gi, '$1***@'],
  [
    /([?&][^=\s&"']{0,80}(?:sig|signature|token|secret|password|credential|key)=)[^&\s"']+/gi,
    '$1***',
  ],
  [/[A-Za-z0-9+/=]{200,}/g, leftOut],
];

/** Likewise where what is quoted may hold anything. */
const spans: readonly Span[] = [
  // The whole object, by fields that cannot change and by strategic patches (helm/helm#11727).
  {
    begin: /Invalid value: "?\{/,
    end: /\}"?(?=: |$)/,
    acrossLines: true,
    rest: () => `Invalid value: ${leftOut}`,
  },
  {
    begin: /Invalid value: (?:map\[|v1\.|\{)[^\n]{40}/,
    end: /(?=: field is|: spec)|$/,
    rest: () => `Invalid value: ${leftOut}`,
  },
  // Servers before 1.25 print the surroundings of a value of the wrong type (json-iterator).
  {
    begin: /error found in (#\d+ byte) of \.\.\.\|/,
    end: /\|\.\.\.(?:, bigger context \.\.\.\|.*\|\.\.\.)?/s,
    acrossLines: true,
    rest: ([, place = '']) => `error found in ${place} ${leftOut}`,
  },
];

/**
 * What an API server says, without the values that it quotes of the objects it refused: they can be
 * passwords that nobody has masked, since nobody knew that they are some.
 */
export function withoutQuotedValues(text: string): string {
  const cut = spans.reduce(replaceSpan, text);
  return quotes.reduce((rest, [pattern, kept]) => rest.replace(pattern, kept), cut);
}
