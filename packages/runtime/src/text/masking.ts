import type { MaskSecret } from '../port/index.ts';
import { isOrdinaryText } from './ordinary.ts';

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

/** Lines of one secret that are masked: of more, the longest. */
const maxLines = 500;
/** Up to so many lines are masked in every form, not only as they are. */
const maxEncodedLines = 40;
/** Pieces of 76 columns into which `base64` wraps one secret. */
const maxPieces = 200;
/** Characters of the shortest line that is masked of a secret with many. */
const shortestLongLine = 16;
/** Characters up to which a secret is masked in every form, not only itself and in base64. */
const everyFormLength = 8 * 1024;

/** The lines that are worth masking for themselves. */
function tellingLines(text: string): readonly string[] {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestSecret && !frame.test(line) && !isOrdinaryText(line));
  if (lines.length <= maxLines) return lines;
  return lines
    .filter((line) => line.length >= shortestLongLine)
    .sort((a, b) => b.length - a.length)
    .slice(0, maxLines);
}

/** What `base64` prints of a long form, which wraps it. */
function wrappedPieces(form: string): readonly string[] {
  if (form.length <= 76 || form.length > 76 * maxPieces) return [];
  return /^[A-Za-z0-9+/]+=*$/.test(form) ? (form.match(/.{1,76}/g) ?? []) : [];
}

/**
 * The forms in which a secret can turn up in a log: itself and each of its lines, in base64 (alone,
 * inside a longer text, wrapped at 76 columns), in a URL and in JSON. Forms under four characters are
 * left out, as are lines that only frame a secret or hold nothing but ordinary words. Their number is
 * bounded: a whole file in a Secret is masked itself, in base64, and by its longest lines.
 */
export function secretForms(value: string): readonly string[] {
  const trimmed = value.trim();
  if (trimmed.length < shortestSecret) return [];
  const forms = new Set(wholeForms(value, trimmed));
  if (/[\r\n]/.test(trimmed)) {
    const lines = tellingLines(trimmed);
    const encoded = lines.length <= maxEncodedLines;
    for (const line of lines)
      for (const form of encoded ? [line, ...encodedForms(line)] : [line]) forms.add(form);
  }
  for (const form of [...forms]) for (const piece of wrappedPieces(form)) forms.add(piece);
  return [...forms].filter((form) => form.length >= shortestSecret);
}

/** A secret itself and in base64: the least that is masked of it. */
function wholeForms(value: string, trimmed: string): readonly string[] {
  if (trimmed.length <= everyFormLength)
    return [value, trimmed, ...encodedForms(value), ...encodedForms(trimmed)];
  return [...new Set([value, trimmed])].flatMap((text) => [
    text,
    Buffer.from(text).toString('base64'),
  ]);
}

/** Knows the job's secrets: tells the runner of them, and finds them in texts before these leave. */
export interface Masker {
  mask: MaskSecret;
  /**
   * `text` with every form of every secret replaced by `***`; with `written`, the forms as that function
   * writes them, for text that was escaped already.
   */
  redact: (text: string, written?: (form: string) => string) => string;
  /**
   * `text` likewise, for what is kept and read by programs: a form that is a part of one of `names`, which
   * are public, stays. A password `shop` does not make an image of the registry's project `shop` another.
   */
  redactBut: (text: string, names: readonly string[]) => string;
}

/** From so many forms on, only a secret itself and its base64 are added: each is a line of the log. */
const manyForms = 5_000;

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
      const forms = secretForms(value);
      for (const form of known.size < manyForms ? forms : forms.slice(0, 3)) {
        if (known.has(form)) continue;
        known.add(form);
        if (!/[\r\n]/.test(form)) announce(form);
      }
      longestFirst = [...known].sort((a, b) => b.length - a.length);
    },
    redact: (text, written = (form) => form) =>
      longestFirst.reduce((shown, form) => shown.replaceAll(written(form), () => '***'), text),
    redactBut: (text, names) =>
      longestFirst
        .filter((form) => text.includes(form) && !names.some((name) => name.includes(form)))
        .reduce((shown, form) => shown.replaceAll(form, () => '***'), text),
  };
}
