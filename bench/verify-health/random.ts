/** Numbers that are the same in every run. */
export interface Random {
  /** From 0 up to, not with, 1. */
  next(): number;
  between(low: number, high: number): number;
  poisson(mean: number): number;
  binomial(count: number, share: number): number;
  beta(a: number, b: number): number;
}

/** Above this mean a normal number is as good as counting. */
const many = 40;

/** A generator begun with `seed` (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const poisson = (mean: number): number => {
    if (mean > many) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const least = Math.exp(-mean);
    let count = -1;
    for (let product = 1; product > least; product *= next()) count += 1;
    return Math.max(0, count);
  };
  const binomial = (count: number, share: number): number => {
    if (share <= 0 || count === 0) return 0;
    if (share >= 1) return count;
    if (share > 0.5) return count - binomial(count, 1 - share);
    if (count * share > many) {
      const spread = Math.sqrt(count * share * (1 - share));
      return Math.min(count, Math.max(0, Math.round(count * share + spread * normal())));
    }
    if (count > many && share < 0.05) return Math.min(count, poisson(count * share));
    let hits = 0;
    for (let one = 0; one < count; one += 1) if (next() < share) hits += 1;
    return hits;
  };
  // Marsaglia and Tsang, ACM TOMS 26, 2000.
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * Math.max(1e-300, next()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    poisson,
    binomial,
    beta: (a, b) => {
      const [x, y] = [gamma(a), gamma(b)];
      return x + y === 0 ? 0 : x / (x + y);
    },
  };
}
