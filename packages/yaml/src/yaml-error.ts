import { InputError } from '@slipway/runtime';
import { YAMLException } from 'js-yaml';

/** js-yaml's reasons that are unclear to whoever knows YAML but not its parser, by how they begin. */
const plainer: readonly (readonly [start: string, reason: string])[] = [
  ['cannot resolve a node', 'a value does not fit its tag'],
  ['unidentified alias', 'an alias (*) names no anchor (&) before it'],
  ['nesting exceeded', 'it is nested too deep'],
  ['merge keys exceeded', 'its merges (<<) copy too many keys'],
  ['duplicated mapping key', 'a key is there twice in one mapping'],
  ['can not read an implicit mapping pair', 'a colon is missing after a key'],
];

/** The reason without what js-yaml quotes of the text in it: quotation marks, tags and what follows `: `. */
function reasonOf(reason: string): string {
  const known = plainer.find(([start]) => reason.startsWith(start))?.[1];
  return known ?? reason.split(/["<!`]|: /)[0]?.trim() ?? '';
}

/**
 * The InputError for what js-yaml threw: name, line, column and reason, and never a word of the text,
 * which can hold passwords. For the same reason what was thrown is not kept as the cause.
 */
export function yamlError(
  thrown: unknown,
  source: { name: string; next?: string | undefined; firstLine: number },
): InputError {
  const next = source.next === undefined ? {} : { next: source.next };
  if (!(thrown instanceof YAMLException))
    return new InputError(`${source.name} could not be read as YAML.`, next);
  const { line, column } = thrown.mark;
  const where = `line ${line + source.firstLine}, column ${column + 1}`;
  const reason = reasonOf(thrown.reason);
  return new InputError(`${source.name} is not valid YAML (${where}): ${reason}.`, next);
}
