/**
 * What an input of an action may be in slipway.yml. A list of texts names all that it may be; `list`
 * has one entry per line for the action, `map` one key=value; a `document` is YAML to the action,
 * `json` an object of JSON in one line; a `secret` is known, but not taken.
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
  | 'json'
  | 'secret'
  | readonly string[];
