import { withoutQuotedValues } from '@slipway/kube';
import { holdsSecret } from './secret-key.ts';

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

/** A text as it may be shown: what it gives a key named like a secret, and passwords in addresses, are hidden. */
export function shownText(text: string, hide: Hide): string {
  const lines = text.split('\n').map((line) => shownLine(line, hide));
  return withoutQuotedValues(lines.join('\n'));
}

/** Chart values as they may be shown; `isSecret` says that they stand under a key named like a secret. */
export function shownValue(value: unknown, isSecret: boolean, hide: Hide): unknown {
  if (Array.isArray(value)) return value.map((item) => shownValue(item, isSecret, hide));
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
