import { quoted } from '../text/index.ts';

/** How the input `settings` of an action, which holds others of its inputs as JSON, goes with those of the step. */
export interface SettingsRule {
  /**
   * Inputs with one entry per line, and documents in layers, in which those of the step come after those of
   * the settings. In every other input the settings stand in place of what the step says.
   */
  joined: readonly string[];
}

/** The name of the input. */
export const settingsName = 'settings';

/** More names than these that are wrong help nobody. */
const mostTold = 10;

/** Says what is wrong with each of these, and of more than ten only how many they are. */
export function tellFew<T>(
  wrong: readonly T[],
  told: (one: T) => string,
  problem: (message: string) => void,
): void {
  for (const one of wrong.slice(0, mostTold)) problem(`${settingsName}: ${told(one)}`);
  const more = wrong.length - mostTold;
  if (more > 0) problem(`${settingsName}: ${more} more are wrong in the same way.`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * The inputs in a text of settings, by name. What is wrong is told without a value, since one may be a
 * secret that somebody put there.
 */
export function parseSettings(
  text: string,
  problem: (message: string) => void,
): ReadonlyMap<string, string> {
  if (text.trim() === '') return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // What JSON.parse throws quotes the text.
    problem(
      `${settingsName}: is not JSON; give an object of inputs, such as {"timeout": "10m"}, or leave it empty.`,
    );
    return new Map();
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    problem(
      `${settingsName}: is ${kindOf(parsed)}; give an object of inputs, such as {"timeout": "10m"}, or leave it empty.`,
    );
    return new Map();
  }
  const entries = Object.entries(parsed);
  const isText = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === 'string' && !entry[1].includes('\0');
  tellFew(
    entries.filter((entry) => !isText(entry)),
    ([name, value]) =>
      typeof value === 'string'
        ? `the value of ${quoted(name)} contains a NUL character.`
        : `the value of ${quoted(name)} is ${kindOf(value)}, not a text; put it into quotes.`,
    problem,
  );
  return new Map(entries.filter(isText));
}
