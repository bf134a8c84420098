/** A Go string as `%q` writes it. */
const goString = String.raw`"(?:[^"\\\n]|\\.)*"`;

const leftOut = '(left out)';

/**
 * Where the API server quotes what an object holds, and what is left of it. Names of fields and of
 * objects stay, and the values of fields that name something: they are what one has to correct.
 */
const quotes: readonly (readonly [pattern: RegExp, rest: string])[] = [
  // The whole object, by fields that cannot change and by strategic patches (helm/helm#11727).
  [/Invalid value: "?\{.*?\}"?(?=: |$)/gs, `Invalid value: ${leftOut}`],
  [
    /Invalid value: (?:map\[|v1\.|\{)[^\n]{40,}?(?=: field is|: spec|$)/g,
    `Invalid value: ${leftOut}`,
  ],
  // Fields that carry what a program is told: an environment variable, arguments, data.
  [
    new RegExp(
      String.raw`(\.value|\b(?:args|command)\[\d+\]|\b(?:data|stringData)\.[^\s:]+): (Invalid|Unsupported) value: ${goString}`,
      'g',
    ),
    `$1: $2 value: ${leftOut}`,
  ],
  // A value of the wrong type in a server-side apply (structured-merge-diff: typed/validate.go).
  [/, got &(?:value\.valueUnstructured)?\{[^\n]*/g, ', got something else'],
  // Servers before 1.25 print the surroundings of a value of the wrong type (json-iterator).
  [
    /error found in (#\d+ byte) of \.\.\.\|.*?\|\.\.\.(?:, bigger context \.\.\.\|.*\|\.\.\.)?/gs,
    `error found in $1 ${leftOut}`,
  ],
  // Credentials in addresses.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^/?#\s"'@]{1,2000}@/gi, '$1***@'],
  [
    /([?&][^=\s&"']{0,80}(?:sig|signature|token|secret|password|credential|key)=)[^&\s"']+/gi,
    '$1***',
  ],
  [/[A-Za-z0-9+/=]{200,}/g, leftOut],
];

/**
 * What an API server says, without the values that it quotes of the objects it refused: they can be
 * passwords that nobody has masked, since nobody knew that they are some.
 */
export function withoutQuotedValues(text: string): string {
  return quotes.reduce((rest, [pattern, kept]) => rest.replace(pattern, kept), text);
}
