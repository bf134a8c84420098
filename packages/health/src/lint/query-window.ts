import { emptied } from './expression.ts';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Functions that need two samples for a value; others of a window take one. */
const ofTwo = new Set('rate irate increase delta idelta deriv predict_linear changes'.split(' '));
const window = /(?:\b([a-z_]\w*)\s*\()?[^()[\]]*\[\s*((?:\d+(?:ms|[smhdwy]))+)\s*\]/g;

/** The windows that are written into a query; those of subqueries are passed over. */
export function windowsOf(query: string): readonly { text: string; ms: number; samples: 1 | 2 }[] {
  return [...emptied(query).matchAll(window)].map(([, name = '', text = '']) => {
    const pieces = text.matchAll(/(\d+)(ms|[smhdwy])/g);
    const ms = [...pieces].reduce(
      (sum, [, number = '0', unit = 's']) => sum + Number(number) * (unitMs[unit] ?? 0),
      0,
    );
    return { text, ms, samples: ofTwo.has(name) ? 2 : 1 };
  });
}
