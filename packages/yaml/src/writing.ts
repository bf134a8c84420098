import { DEFAULT_SCHEMA, dump, Type } from 'js-yaml';
import { goNumber } from './go-number.ts';

/**
 * Numbers to Go that js-yaml does not know as such (`0B1`, `1_0`), so that texts of that form are
 * quoted. Only ever asked what a text is: no value is of this type.
 */
const goNumberType = new Type('!slipway-number', {
  kind: 'scalar',
  resolve: (text: string) => goNumber(text) !== undefined,
  predicate: () => false,
});

const schema = DEFAULT_SCHEMA.extend({ implicit: [goNumberType] });

/**
 * The YAML text of plain data, which Helm, Kubernetes and readers of YAML 1.2 read back as it was:
 * texts that one of them takes for something else are quoted. Throws for what YAML has no form of.
 */
export function writeYaml(value: unknown): string {
  return dump(value, { schema, lineWidth: -1, noRefs: true });
}
