import type { MetricCheck, MetricsEvidence, PodUnit } from '../../findings/index.ts';

/** Units of one pod, node and route: columns of numbers, which take a tenth of the room. */
interface PackedUnits {
  pod: string;
  node?: string;
  route?: string;
  /** For each unit: its end less the end before, its length, requests, failed requests. */
  rows: readonly (readonly [number, number, number, number])[];
}

/** Metrics evidence as plain JSON. */
export type PackedEvidence = Omit<MetricsEvidence, 'checks'> & { checks: readonly PackedCheck[] };

type Packed<T> = {
  [Key in keyof T]: T[Key] extends readonly PodUnit[] ? readonly PackedUnits[] : T[Key];
};
type PackedCheck = MetricCheck extends infer Check
  ? Check extends unknown
    ? Packed<Check>
    : never
  : never;

function packUnits(units: readonly PodUnit[]): PackedUnits[] {
  const groups = Map.groupBy(units, ({ pod, node, route }) => JSON.stringify([pod, node, route]));
  return [...groups.values()].map((group) => {
    const { pod = '', node, route } = group[0] ?? {};
    let before = 0;
    const rows = group.map(({ fromMs, atMs, total, bad }) => {
      const row = [atMs - before, atMs - fromMs, total, bad] as const;
      before = atMs;
      return row;
    });
    const named = {
      ...(node === undefined ? {} : { node }),
      ...(route === undefined ? {} : { route }),
    };
    return { pod, ...named, rows };
  });
}

function unpackUnits(packed: readonly PackedUnits[]): PodUnit[] {
  return packed
    .flatMap(({ rows, ...of }) => {
      let atMs = 0;
      return rows.map(([step, lengthMs, total, bad]): PodUnit => {
        atMs += step;
        return { ...of, fromMs: atMs - lengthMs, atMs, total, bad };
      });
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** The evidence as it is stored. */
export function packEvidence(evidence: MetricsEvidence): PackedEvidence {
  const checks = evidence.checks.map((check): PackedCheck => {
    if (check.kind === 'share')
      return { ...check, units: packUnits(check.units), control: packUnits(check.control) };
    if (check.kind !== 'latency') return check;
    return {
      ...check,
      surely: packUnits(check.surely),
      perhaps: packUnits(check.perhaps),
      controlSurely: packUnits(check.controlSurely),
      controlPerhaps: packUnits(check.controlPerhaps),
    };
  });
  return { ...evidence, checks };
}

/** The evidence from what was stored: the same findings follow from it. */
export function unpackEvidence(packed: PackedEvidence): MetricsEvidence {
  const checks = packed.checks.map((check): MetricCheck => {
    if (check.kind === 'share')
      return { ...check, units: unpackUnits(check.units), control: unpackUnits(check.control) };
    if (check.kind !== 'latency') return check;
    return {
      ...check,
      surely: unpackUnits(check.surely),
      perhaps: unpackUnits(check.perhaps),
      controlSurely: unpackUnits(check.controlSurely),
      controlPerhaps: unpackUnits(check.controlPerhaps),
    };
  });
  return { ...packed, checks };
}
