import { ExecError } from '@slipway/exec';
import { withoutQuotedValues } from '@slipway/kube';
import { replaceSpan, type Span } from '@slipway/runtime';

/** A Go string as `%q` writes it. */
const goString = String.raw`"(?:[^"\\\n]|\\.)*"`;

/** Where Helm and what it is made of quote values, and what is left of it. */
const quotes: readonly (readonly [pattern: RegExp, rest: string])[] = [
  // pkg/cli/values: the text of a setting, or what it took for a key of it.
  [/(failed parsing --set[a-z-]* data)[^\n]*/g, '$1: one of the settings is malformed'],
  // Go's own parsers of numbers, times and addresses, as template functions give them on.
  [
    new RegExp(String.raw`(\bparsing(?: time)?) ${goString}(?: as ${goString})?`, 'g'),
    '$1 a value',
  ],
  [new RegExp(String.raw`cannot parse ${goString} as ${goString}`, 'g'), 'it cannot be parsed'],
  [new RegExp(String.raw`(cannot parse template) ${goString}`, 'g'), '$1'],
  [new RegExp(String.raw`(\b(?:invalid|in) duration) ${goString}`, 'g'), '$1'],
  // net/url: a password with a slash in it ends the host, and is no part of a user's name then.
  [
    new RegExp(String.raw`\bparse ${goString}:((?: [A-Za-z/]+)*)(?: ${goString})?`, 'g'),
    'parse an address:$1',
  ],
  // k8s.io/apimachinery: pkg/runtime/error.go, with the whole object.
  [/(Object '\w+' is missing in) '[^\n]*'/g, '$1 an object'],
  // helm/helm: pkg/chart/common/util/coalesce.go, with all values of the table.
  [/(with non table for \S+|Ignoring non-table value) \([^\n]*/g, '$1'],
  // The schema of a chart (santhosh-tekuri/jsonschema: kind/kind.go).
  [/(is not valid [\w-]+): [^\n]*/g, '$1'],
  [
    /((?:minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf): got) [^\s,]+/g,
    '$1 another',
  ],
];

/** Likewise where what is quoted may hold anything, its own end as well. */
const spans: readonly Span[] = [
  // go-yaml: names of anchors, and texts where a mapping should be.
  {
    begin: /(yaml: (?:line \d+: )?unknown anchor) '/,
    end: /' referenced/,
    rest: ([, said = '']) => said,
  },
  {
    begin: /(cannot unmarshal !!\w+) `/,
    end: /` into/,
    rest: ([, said = '']) => `${said} into`,
  },
  // The schema of a chart, as below.
  {
    begin: /(at '[^'\n]*': )'/,
    end: /' (does not match pattern|is not valid [\w-]+)(?=[ :]|$)/,
    toLast: true,
    rest: ([, at = ''], [, why = '']) => `${at}it ${why}`,
  },
];

/**
 * What Helm says, without the values that it quotes. Names of keys, files and lines stay, and what a
 * chart's own `fail` says.
 */
export function withoutValues(text: string): string {
  const cut = spans.reduce(replaceSpan, text);
  const rest = quotes.reduce((said, [pattern, kept]) => said.replace(pattern, kept), cut);
  return withoutQuotedValues(rest);
}

/** The same failure of a Helm command, with none of the values that it quoted. */
export function failureWithoutValues(error: ExecError): ExecError {
  const stderr = withoutValues(error.stderr);
  if (stderr === error.stderr) return error;
  const { file, exitCode, stdout, timedOut, durationMs } = error;
  // Its end is the end of what was printed, cut where it was long.
  const [ending = ''] = error.message.split('\n');
  const said = stderr.trim().split('\n').slice(-12).join('\n');
  const details = { file, exitCode, stdout, stderr, timedOut, durationMs };
  return new ExecError(`${ending}\n${said}`, details);
}
