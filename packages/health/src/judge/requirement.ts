const comparisons = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
  '!=': (value: number, limit: number) => value !== limit,
} as const;

/** `< 0.1`: what a value must be. */
export interface Requirement {
  operator: keyof typeof comparisons;
  limit: number;
  /** As it was written. */
  text: string;
}

/** Reads `< 0.1`, `>= 99%`, `== 1`. Throws with the form expected. */
export function parseRequirement(text: string): Requirement {
  const match = /^(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(%?)$/i.exec(text.trim());
  if (match === null)
    throw new Error(
      `${JSON.stringify(text)} is not a requirement; write an operator (<, <=, >, >=, ==, !=) and a number, for example "< 0.1".`,
    );
  const [, operator = '<', number = '', percent] = match;
  const limit = Number(number) / (percent === '%' ? 100 : 1);
  return { operator: operator as Requirement['operator'], limit, text: text.trim() };
}

/** Whether a finite value is what it must be. */
export function satisfies(value: number, requirement: Requirement): boolean {
  return comparisons[requirement.operator](value, requirement.limit);
}
