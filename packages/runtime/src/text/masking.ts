import type { MaskSecret } from '../port/index.ts';

/** Characters of the shortest secret that is masked: shorter ones would blank out the log. */
export const shortestSecret = 4;
/** Characters of the shortest text that is masked for its key's name alone: `true`, `admin` and `8080` are not. */
export const shortestGuess = 6;
/** Lines that frame a secret and tell nothing of it: PEM armour, bare YAML keys, punctuation. */
const frame =
  /^(?:-----[A-Z ]+-----|(?:- )?[\w.-]+:(?: [|>][-+]?)?|apiVersion: v1|kind: Config|\W+)$/;

/**
 * What is left of `bytes` in base64 when other bytes stand before and after it, as the token does in
 * `Basic base64(user:token)`: one text for each of the three ways to be aligned.
 */
function embeddedBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const base64 = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return base64.slice(before === 0 ? 0 : before + 1, whole);
  });
}

function encodedForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const json = JSON.stringify(text).slice(1, -1);
  return [
    bytes.toString('base64'),
    // What `echo` and editors put behind a text comes into its base64 form.
    Buffer.from(`${text}\n`).toString('base64'),
    bytes.toString('base64url'),
    ...(bytes.length >= 12 ? embeddedBase64(bytes) : []),
    encodeURIComponent(text.toWellFormed()),
    new URLSearchParams({ '': text }).toString().slice(1),
    json,
    json.replaceAll('/', '\\/'),
  ];
}

/**
 * The forms in which a secret can turn up in a log: itself and each of its lines, in base64 (alone,
 * inside a longer text, wrapped at 76 columns), in a URL and in JSON. Forms under four characters are
 * left out, as are lines that only frame a secret.
 */
export function secretForms(value: string): readonly string[] {
  const trimmed = value.trim();
  if (trimmed.length < shortestSecret) return [];
  const lines = trimmed.split(/[\r\n]+/).map((line) => line.trim());
  const forms = new Set([value, trimmed, ...encodedForms(value), ...encodedForms(trimmed)]);
  if (lines.length > 1)
    for (const line of lines)
      if (line.length >= shortestSecret && !frame.test(line))
        for (const form of [line, ...encodedForms(line)]) forms.add(form);
  for (const form of [...forms])
    if (form.length > 76 && /^[A-Za-z0-9+/]+=*$/.test(form))
      for (const piece of form.match(/.{1,76}/g) ?? []) forms.add(piece);
  return [...forms].filter((form) => form.length >= shortestSecret);
}

/** Knows the job's secrets: tells the runner of them, and finds them in texts before these leave. */
export interface Masker {
  mask: MaskSecret;
  /**
   * `text` with every form of every secret replaced by `***`; with `written`, the forms as that function
   * writes them, for text that was escaped already.
   */
  redact: (text: string, written?: (form: string) => string) => string;
}

/**
 * A masker that announces each single-line form through `announce`. The runner never sees a form of
 * several lines: it would mask each line, a lone `}` or `-` too, in all of the log (actions/runner:
 * src/Runner.Worker/ActionCommandManager.cs, AddMaskCommandExtension).
 */
export function createMasker(announce: (form: string) => void): Masker {
  const known = new Set<string>();
  let longestFirst: readonly string[] = [];
  return {
    mask: (value) => {
      for (const form of secretForms(value)) {
        if (known.has(form)) continue;
        known.add(form);
        if (!/[\r\n]/.test(form)) announce(form);
      }
      longestFirst = [...known].sort((a, b) => b.length - a.length);
    },
    redact: (text, written = (form) => form) =>
      longestFirst.reduce((shown, form) => shown.replaceAll(written(form), () => '***'), text),
  };
}
