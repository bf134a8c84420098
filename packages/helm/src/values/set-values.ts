import { errorMessage } from '@slipway/runtime';

type Tree = Record<string, unknown> | unknown[];

/** `a.b[0].c\.d` as ['a', 'b', 0, 'c.d']. Throws on an empty or malformed step. */
export function parseValuePath(text: string): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  let name = '';
  let named = false;
  const push = (): void => {
    if (name === '') throw new Error('its key has an empty part');
    steps.push(name);
    name = '';
    named = false;
  };
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at] ?? '';
    if (mark === '\\' && at + 1 < text.length) {
      at += 1;
      name += text[at] ?? '';
      named = true;
    } else if (mark === '.') {
      if (named || typeof steps.at(-1) !== 'number' || text[at - 1] !== ']') push();
    } else if (mark === '[') {
      const index = /^\[(\d{1,4})\]/.exec(text.slice(at))?.[1];
      if (index === undefined) throw new Error('its key has "[" without a number and "]"');
      if (named) push();
      else if (steps.length === 0) throw new Error('its key begins with "["');
      steps.push(Number(index));
      at += index.length + 1;
    } else {
      name += mark;
      named = true;
    }
  }
  if (named || typeof steps.at(-1) !== 'number') push();
  return steps;
}

/**
 * The typed form of the text after `=`. As with Helm's `--set`, true, false, null and whole numbers
 * are typed and everything else is a string; but a number of seven or more digits stays a string,
 * because Helm would print it as 1.234567e+06 in a template and an all-digit commit is no number.
 */
export function typedValue(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  return /^(0|-?[1-9]\d{0,5})$/.test(text) ? Number(text) : text;
}

function place(root: Tree, steps: readonly (string | number)[], value: unknown): void {
  let node = root as Record<string | number, unknown>;
  steps.forEach((step, at) => {
    if (step === '__proto__') throw new Error('its key must not be "__proto__"');
    const next = steps[at + 1];
    if (next === undefined) {
      node[step] = value;
      return;
    }
    const inner = node[step];
    const fits = typeof next === 'number' ? Array.isArray(inner) : typeof inner === 'object';
    if (!fits || inner === null) node[step] = typeof next === 'number' ? [] : {};
    node = node[step] as Record<string | number, unknown>;
  });
}

/**
 * The values object of `key=value` lines. Everything after the first `=` is taken literally (commas,
 * braces and quotes mean nothing), so no value can become a second setting or a flag. Throws an Error
 * that names the line by its number and never quotes it: a line that is none is often a password.
 */
export function parseSetLines(lines: readonly string[]): Readonly<Record<string, unknown>> {
  const root: Record<string, unknown> = {};
  for (const [index, line] of lines.entries()) {
    const at = line.indexOf('=');
    try {
      if (at <= 0) throw new Error('it is not key=value');
      place(root, parseValuePath(line.slice(0, at).trim()), typedValue(line.slice(at + 1).trim()));
    } catch (cause) {
      throw new Error(`setting ${index + 1} cannot be used: ${errorMessage(cause)}`, { cause });
    }
  }
  return root;
}
