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
