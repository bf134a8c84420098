/** One workflow command as the runner understood it. */
export interface WorkflowCommand {
  name: string;
  properties: Readonly<Record<string, string>>;
  data: string;
}

/** What the runner registers (actions/runner: src/Runner.Worker/ActionCommandManager.cs). */
const registered = new Set([
  'stop-commands',
  'set-env',
  'set-output',
  'save-state',
  'add-mask',
  'add-path',
  'add-matcher',
  'remove-matcher',
  'debug',
  'warning',
  'error',
  'notice',
  'group',
  'endgroup',
  'echo',
]);

/** What .NET's TrimStart takes away; it knows U+0085, JavaScript's `\s` does not. */
const leadingBlanks = /^\p{White_Space}+/u;

type Escapes = readonly (readonly [escaped: string, token: string])[];
const dataEscapes: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const propertyEscapes: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
];
const oldEscapes: Escapes = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
];

function unescape(text: string, escapes: Escapes): string {
  return escapes.reduce((value, [escaped, token]) => value.replaceAll(escaped, token), text);
}

function command(
  info: string,
  data: string,
  separator: string,
  escapes: Escapes,
): WorkflowCommand | undefined {
  const at = info.indexOf(' ');
  const name = (at < 0 ? info : info.slice(0, at)).toLowerCase();
  if (!registered.has(name)) return undefined;
  const properties = Object.create(null) as Record<string, string>;
  for (const pair of at > 0 ? info.slice(at + 1).split(separator) : []) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1);
    if (equals > 0 && value !== '') properties[key.toLowerCase()] = unescape(value, escapes);
  }
  return { name, properties, data };
}

/**
 * The command in one line of a step's output, or undefined when the runner would print the line. Both
 * notations, in the runner's order (actions/runner: src/Runner.Common/ActionCommand.cs): `::name
 * key=value::data` at the start of a line after blanks, and `##[name key=value]data` anywhere in it.
 */
export function parseWorkflowCommand(line: string): WorkflowCommand | undefined {
  const trimmed = line.replace(leadingBlanks, '');
  const end = trimmed.startsWith('::') ? trimmed.indexOf('::', 2) : -1;
  if (end >= 0) {
    const data = unescape(trimmed.slice(end + 2), dataEscapes);
    const found = command(trimmed.slice(2, end), data, ',', propertyEscapes);
    if (found !== undefined) return found;
  }
  const start = line.indexOf('##[');
  const bracket = start < 0 ? -1 : line.indexOf(']', start);
  if (bracket < 0) return undefined;
  const data = unescape(line.slice(bracket + 1), oldEscapes);
  return command(line.slice(start + 3, bracket), data, ';', oldEscapes);
}
