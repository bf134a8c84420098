import { graphqlSchema, namedType } from './graphql-schema.ts';
import { tokensOf, type Tokens } from './graphql-tokens.ts';

/** One field of a query with what is asked of it. */
export interface Selection {
  name: string;
  args: Readonly<Record<string, unknown>>;
  fields: readonly Selection[];
}

/** Something that a fake repository answers with: values, lists, and functions for fields with arguments. */
export type Resolvable = Readonly<Record<string, unknown>>;

interface Reading {
  tokens: Tokens;
  /** The types of the variables, by their names with `$`. */
  declared: ReadonlyMap<string, string>;
  variables: Readonly<Record<string, unknown>>;
}

function declaredVariables(tokens: Tokens): ReadonlyMap<string, string> {
  const declared = new Map<string, string>();
  if (tokens.peek() !== '(') return declared;
  tokens.take('(');
  tokens.until(')', () => {
    const name = tokens.take();
    tokens.take(':');
    let type = '';
    while (tokens.peek() !== ')' && !tokens.peek().startsWith('$')) type += tokens.take();
    declared.set(name, type);
  });
  return declared;
}

function readVariable({ declared, variables }: Reading, name: string, wanted: string): unknown {
  const type = declared.get(name);
  if (type === undefined) throw new Error(`Variable ${name} is not declared`);
  const bare = (text: string): string => text.replace(/!$/, '');
  if (bare(type) !== bare(wanted) || (wanted.endsWith('!') && !type.endsWith('!')))
    throw new Error(`Type mismatch on variable ${name}: ${type} / ${wanted}`);
  const value = variables[name.slice(1)];
  if (type.endsWith('!') && (value === undefined || value === null))
    throw new Error(`Variable ${name} was given no value`);
  return value;
}

function readValue(reading: Reading, wanted: string): unknown {
  const { tokens } = reading;
  const next = tokens.take();
  if (next.startsWith('$')) return readVariable(reading, next, wanted);
  if (next === '{') {
    const fields: Record<string, unknown> = {};
    tokens.until('}', () => {
      const name = tokens.take();
      tokens.take(':');
      fields[name] = readValue(reading, 'String');
    });
    return fields;
  }
  if (/^\d+$/.test(next)) return Number(next);
  return next.startsWith('"') ? next.slice(1, -1) : next;
}

function readSelection(reading: Reading, type: string): Selection {
  const { tokens } = reading;
  const name = tokens.take();
  const field = graphqlSchema[type]?.[name];
  if (field === undefined) throw new Error(`Field '${name}' doesn't exist on type '${type}'`);
  const args: Record<string, unknown> = {};
  if (tokens.peek() === '(') {
    tokens.take('(');
    tokens.until(')', () => {
      const arg = tokens.take();
      const wanted = field.args?.[arg];
      if (wanted === undefined) throw new Error(`Field '${name}' doesn't accept argument '${arg}'`);
      tokens.take(':');
      args[arg] = readValue(reading, wanted);
    });
  }
  const inner = namedType(field.type);
  const isObject = graphqlSchema[inner] !== undefined;
  if (isObject !== (tokens.peek() === '{'))
    throw new Error(`Field '${name}' ${isObject ? 'must' : "can't"} have selections`);
  return { name, args, fields: isObject ? readSelections(reading, inner) : [] };
}

function readSelections(reading: Reading, type: string): readonly Selection[] {
  const found: Selection[] = [];
  reading.tokens.take('{');
  reading.tokens.until('}', () => found.push(readSelection(reading, type)));
  return found;
}

/**
 * Reads a GraphQL query of the plain kind, with its variables put in: fields and arguments, no fragments,
 * aliases or directives. Throws for everything that GitHub's schema does not have, as GitHub would.
 */
export function readQuery(
  text: string,
  variables: Readonly<Record<string, unknown>>,
): readonly Selection[] {
  const tokens = tokensOf(text);
  tokens.take('query');
  return readSelections({ tokens, declared: declaredVariables(tokens), variables }, 'Query');
}

/** What a query gets of an object. */
export function answerQuery(fields: readonly Selection[], object: Resolvable): Resolvable {
  const answered = (selection: Selection, given: unknown): unknown => {
    if (Array.isArray(given)) return given.map((each: unknown) => answered(selection, each));
    if (selection.fields.length === 0 || typeof given !== 'object' || given === null) return given;
    return answerQuery(selection.fields, given as Resolvable);
  };
  return Object.fromEntries(
    fields.map((selection) => {
      const { name, args } = selection;
      const given = object[name];
      const value: unknown =
        typeof given === 'function' ? (given as (args: unknown) => unknown)(args) : given;
      return [name, answered(selection, value ?? null)];
    }),
  );
}
