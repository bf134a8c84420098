import { FAILSAFE_SCHEMA, Type, type Schema } from 'js-yaml';
import { goNumber } from './go-number.ts';

const nulls = ['', '~', 'null', 'Null', 'NULL'];
const trues = ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'];
const falses = ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'];

/** A type of plain scalars: `read` gives undefined for what is not of it. An empty scalar comes as null. */
function scalar(tag: string, read: (text: string) => unknown): Type {
  return new Type(`tag:yaml.org,2002:${tag}`, {
    kind: 'scalar',
    resolve: (text: string | null) => read(text ?? '') !== undefined,
    construct: (text: string | null) => read(text ?? ''),
  });
}

function readBoolean(text: string): boolean | undefined {
  if (trues.includes(text)) return true;
  return falses.includes(text) ? false : undefined;
}

/** go-yaml keeps the bytes in a Go string, and JSON makes them UTF-8. */
function readBinary(text: string): string | undefined {
  const base64 = text.replace(/\s/g, '');
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)
    ? Buffer.from(base64, 'base64').toString('utf8')
    : undefined;
}

/** A type for every tag that no other type has; go-yaml passes over those, as `!foo 1` is `"1"`. */
function anyTag(kind: 'scalar' | 'sequence' | 'mapping'): Type {
  return new Type('', { kind, multi: true, construct: (data: unknown) => data ?? '' });
}

/**
 * Values as sigs.k8s.io/yaml makes them (go-yaml 2, then JSON), which Helm 3 and 4, kubectl and the API
 * server read YAML with: `on` and `y` are true, `0755` is 493, dates are texts, unknown tags mean
 * nothing. One difference is left: a key that stands before a merge (`<<`) keeps its value here, where
 * go-yaml 2 lets the merge overwrite it.
 */
export const helmSchema: Schema = FAILSAFE_SCHEMA.extend({
  implicit: [
    scalar('null', (text) => (nulls.includes(text) ? null : undefined)),
    scalar('bool', readBoolean),
    scalar('int', (text) => (Number.isInteger(goNumber(text)) ? goNumber(text) : undefined)),
    scalar('float', goNumber),
    scalar('merge', (text) => (text === '<<' ? text : undefined)),
  ],
  explicit: [scalar('binary', readBinary), anyTag('scalar'), anyTag('sequence'), anyTag('mapping')],
});
