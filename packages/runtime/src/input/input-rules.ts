/** Rules over several inputs. Each says what is wrong, and appends `why` to it. */
export interface InputRules {
  /** At most one of these inputs has a value. */
  atMostOne: (names: readonly [string, string, ...string[]], why?: string) => void;
  /** Either all of these inputs have a value or none. */
  allOrNone: (names: readonly [string, string, ...string[]], why?: string) => void;
  /** `name` has an effect only together with `other`. */
  requires: (name: string, other: string, why?: string) => void;
}

/** The rules over inputs, of which `given` tells whether one has a value. */
export function inputRules(
  given: (name: string) => boolean,
  problem: (message: string) => void,
): InputRules {
  const say = (message: string, why: string): void =>
    problem(why === '' ? message : `${message} ${why}`);
  return {
    atMostOne: (names, why = '') => {
      const those = names.filter(given);
      if (those.length > 1) say(`${those.join(' and ')}: only one of these may be given.`, why);
    },
    allOrNone: (names, why = '') => {
      const missing = names.filter((name) => !given(name));
      if (missing.length === 0 || missing.length === names.length) return;
      const those = names.filter(given).join(' and ');
      say(`${missing.join(' and ')}: a value is required, since ${those} has one.`, why);
    },
    requires: (name, other, why = '') => {
      if (given(name) && !given(other))
        say(`${name}: has an effect only together with ${other}, which is empty.`, why);
    },
  };
}
