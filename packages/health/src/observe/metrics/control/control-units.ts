import type { PodUnit } from '../../../findings/index.ts';

/** The name under which pods of earlier revisions are counted together. */
const together = 'earlier';
/** More rows take too much room in a certificate: then routes, and nodes, are not told apart. */
const mostRows = 1_000;
/** What is kept of the time before the verification. */
const beforeMs = 60_000;
const shortestMs = 2_000;

type Kept = ('node' | 'route')[];

function binned(units: readonly PodUnit[], kept: Kept, widthMs: number): PodUnit[] {
  const bins = Map.groupBy(units, (unit) =>
    JSON.stringify([...kept.map((label) => unit[label]), Math.floor(unit.atMs / widthMs)]),
  );
  return [...bins.values()].map((bin) => {
    const { node, route } = bin[0] ?? {};
    return {
      pod: together,
      fromMs: Math.min(...bin.map(({ fromMs }) => fromMs)),
      atMs: Math.max(...bin.map(({ atMs }) => atMs)),
      total: bin.reduce((sum, { total }) => sum + total, 0),
      bad: bin.reduce((sum, { bad }) => sum + bad, 0),
      ...(kept.includes('node') && node !== undefined ? { node } : {}),
      ...(kept.includes('route') && route !== undefined ? { route } : {}),
    };
  });
}

/**
 * What old pods counted, without telling the pods apart: by node, route and some seconds. Of pods that
 * serve well only the sum is kept, since they excuse nothing.
 */
export function controlUnits(
  units: readonly PodUnit[],
  { beganMs, intervalMs }: { beganMs: number; intervalMs: number },
): readonly PodUnit[] {
  const recent = units.filter(({ atMs }) => atMs > beganMs - beforeMs);
  const failed = recent.reduce((sum, { bad }) => sum + bad, 0);
  const widthMs = Math.max(shortestMs, intervalMs);
  const ways: Kept[] = failed > 0 ? [['node', 'route'], ['node'], []] : [[]];
  const all = ways.map((kept) => binned(recent, kept, widthMs));
  const fitting = all.find(({ length }) => length <= mostRows) ?? all.at(-1) ?? [];
  return fitting.toSorted((a, b) => a.atMs - b.atMs);
}
