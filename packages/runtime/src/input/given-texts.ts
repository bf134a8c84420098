import { nearestName, quoted } from '../text/index.ts';
import { parseSettings, settingsName, tellFew, type SettingsRule } from './settings.ts';
import type { InputSource } from './source.ts';

const maxInputLength = 1_048_576;

/** The texts of inputs: what the step gives, under what its input `settings` says. */
export interface GivenTexts {
  /** The text of an input; of one that is joined first that of the settings. Judged once, however often it is read. */
  text: (name: string) => string;
  /** The texts of which that is made, in their order, blank ones left out, each with what to call it. */
  layers: (name: string) => readonly { label: string; text: string }[];
  /** Whether the settings say something of it. */
  isSetting: (name: string) => boolean;
  /** Takes a secret out of the settings, where it has no place, and gives what it was. */
  refuseSecret: (name: string) => string;
  /** Says what is wrong with the inputs that `message` begins with, and which of them the settings say. */
  problem: (message: string) => void;
  /** To be called when all inputs were asked for: says which names in the settings are those of none. */
  finish: () => void;
}

/** A judge of raw texts that tells of each input's once. */
function rawTexts(source: InputSource, problem: (message: string) => void) {
  const judged = new Set<string>();
  return (name: string): string => {
    const raw = source.get(name);
    const isFirst = !judged.has(name);
    judged.add(name);
    if (raw.length > maxInputLength) {
      const most = `the ${maxInputLength} allowed`;
      if (isFirst) problem(`${name}: ${raw.length} characters are more than ${most}.`);
      return '';
    }
    if (isFirst && raw.includes('\0')) problem(`${name}: contains a NUL character.`);
    return raw;
  };
}

/** Reads texts of `source`; what is wrong is added to `problems`. Without `rule` there is no input `settings`. */
export function givenTexts(
  source: InputSource,
  problems: string[],
  rule: SettingsRule | undefined,
): GivenTexts {
  const add = (message: string): void => void problems.push(message);
  const raw = rawTexts(source, add);
  if (rule !== undefined) source.describe?.(settingsName, { type: 'string' });
  const settings = new Map(rule === undefined ? [] : parseSettings(raw(settingsName), add));
  const asked = new Set<string>();
  const isJoined = (name: string): boolean => rule?.joined.includes(name) === true;

  const label = (name: string): string => {
    if (!settings.has(name)) return name;
    const both = isJoined(name) && raw(name).trim() !== '';
    return `${name} in ${both ? 'settings or beside them' : settingsName}`;
  };
  const problem = (message: string): void =>
    add(
      message.replace(/^[a-z][\w-]*(?: and [a-z][\w-]*)*(?=:)/, (names) =>
        names.split(' and ').map(label).join(' and '),
      ),
    );
  const layers: GivenTexts['layers'] = (name) => {
    asked.add(name);
    const said = settings.get(name);
    const own = said === undefined || isJoined(name) ? raw(name) : '';
    return [
      { label: `${name} in ${settingsName}`, text: said ?? '' },
      { label: name, text: own },
    ].filter(({ text }) => text.trim() !== '');
  };
  return {
    text: (name) =>
      layers(name)
        .map(({ text }) => text)
        .join('\n'),
    layers,
    isSetting: (name) => settings.has(name),
    refuseSecret: (name) => {
      const secret = settings.get(name) ?? '';
      settings.delete(name);
      add(
        `${name} in ${settingsName}: a secret has no place there; hand it to the step as ${name}, from the secrets of the workflow.`,
      );
      return secret;
    },
    problem,
    finish: () => {
      const unknown = [...settings.keys()].filter((name) => !asked.has(name));
      const told = (name: string): string => {
        if (name === settingsName) return 'cannot hold settings itself.';
        const near = nearestName(name, asked);
        return `${quoted(name)} is no input of this action${near === undefined ? '.' : `; did you mean ${near}?`}`;
      };
      tellFew(unknown, told, add);
      const said = [...settings.keys()].filter((name) => asked.has(name));
      if (said.length > 0)
        source.tell?.(
          `Inputs from settings, which go before those of the step: ${said.join(', ')}`,
        );
    },
  };
}
