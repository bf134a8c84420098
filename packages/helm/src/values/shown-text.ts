import { withoutQuotedValues } from '@slipway/kube';
import { privateKeys } from './private-key.ts';
import { asksForSecret, holdsSecret } from './secret-key.ts';

/** What is shown in place of a secret. */
export type Hide = (secret: unknown) => string;

/** `password: x`, `--token=x`, `API_KEY="x"`: a line of a text that gives a key a value. */
const setting = /^(\s*(?:- )?(?:--?)?["']?([\w.-]+)["']?\s*[:=]\s*)(\S.*)$/;
/** The same inside a line: `{"password":"x"}`, `user=api password=x`. */
const settings =
  /(?<![\w.-])([\w.-]{1,80})(["']?\s{0,8}[:=]\s{0,8})("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&}"']+)/g;

function shownLine(line: string, hide: Hide): string {
  const [, start = '', name = '', whole = ''] = setting.exec(line) ?? [];
  if (holdsSecret(name, false)) return `${start}${hide(whole)}`;
  return line.replace(settings, (found, key: string, between: string, value: string) =>
    holdsSecret(key, false) ? `${key}${between}${hide(value)}` : found,
  );
}

/** `token:`, `password: |`, `"keys": {`: what stands below it, further in, is its value. */
const opening = /^\s*(?:- )?["']?([\w.-]+)["']?\s*:\s*(?:([|>][-+0-9]*|[[{])\s*)?(?:#.*)?$/;

/** A line of what stands below a key named like a secret; a block is one text, whatever it looks like. */
function lineBelow(line: string, isBlock: boolean, hide: Hide): string {
  if (!isBlock) {
    const [, start = '', name = '', whole = ''] = setting.exec(line) ?? [];
    if (name !== '') return `${start}${holdsSecret(name, true) ? hide(whole) : whole}`;
    if (opening.test(line) || /^[\s{}[\],]*$/.test(line)) return line;
  }
  return line.replace(isBlock ? /\S.*$/ : /(?!- )\S.*$/, (value) => hide(value));
}

function shownLines(lines: readonly string[], hide: Hide): readonly string[] {
  let depth = Infinity;
  let isBlock = false;
  return lines.map((line) => {
    const indent = line.search(/\S/);
    if (indent < 0) return line;
    const isItem = line.startsWith('- ', indent);
    if (indent > depth || (indent === depth && isItem)) return lineBelow(line, isBlock, hide);
    const [found, name = '', mark = ''] = opening.exec(line) ?? [];
    const opens = found !== undefined && holdsSecret(name, false);
    depth = opens ? indent + (isItem ? 2 : 0) : Infinity;
    isBlock = /^[|>]/.test(mark);
    return opens ? line : shownLine(line, hide);
  });
}

/**
 * A text as it may be shown: what it gives a key named like a secret, private keys, and passwords in
 * addresses are hidden.
 */
export function shownText(text: string, hide: Hide): string {
  const rest = text.replace(privateKeys, (key) => hide(key));
  return withoutQuotedValues(shownLines(rest.split('\n'), hide).join('\n'));
}

/** Chart values as they may be shown; `isSecret` says that they stand under a key named like a secret. */
export function shownValue(value: unknown, isSecret: boolean, hide: Hide): unknown {
  if (Array.isArray(value))
    return value.map((item, at) =>
      shownValue(item, isSecret || asksForSecret(value[at - 1]), hide),
    );
  if (typeof value === 'object' && value !== null) {
    const { name } = value as { name?: unknown };
    const named = typeof name === 'string' && holdsSecret(name, isSecret);
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const inside = holdsSecret(key, isSecret) || (key === 'value' && named);
        return [key, shownValue(inner, inside, hide)];
      }),
    );
  }
  if (typeof value === 'number') return isSecret ? hide(value) : value;
  if (typeof value !== 'string' || value === '') return value;
  return isSecret ? hide(value) : shownText(value, hide);
}
