/**
 * Wilson's score interval of a share at 95 %: sensible also for few requests and for no failure, where
 * the usual normal interval is empty (E. B. Wilson, JASA 22, 1927). For clustered failures give both
 * numbers divided by their design effect.
 */
export function wilsonInterval(bad: number, total: number, z = 1.96): readonly [number, number] {
  if (total <= 0) return [0, 1];
  const share = bad / total;
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const middle = share + (z * z) / (2 * total);
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (middle - spread) / scale), Math.min(1, (middle + spread) / scale)];
}
