/**
 * What an input of an action may be in slipway.yml. A list of texts names all that it may be; `list`
 * has one entry per line for the action, `map` one key=value; a `document` is YAML or JSON to the
 * action; a `secret` is known, but not taken.
 */
export type ActionInputKind =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'duration'
  | 'list'
  | 'map'
  | 'document'
  | 'secret'
  | readonly string[];
