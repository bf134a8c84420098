import type { Requirement, SharedFailures } from '../../judge/index.ts';

/** Shares that differ by less than this part are told to be the same. */
const alike = 1.25;

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

/** Why failures above the limit are not the release's to answer for: old pods fail as well. */
export function sharedShare(
  { now, old, gone, where }: SharedFailures,
  must: Requirement,
  seen: string,
): { detail: string; wouldChange: string; next: string } {
  const shares = [old, now].map(({ bad, total }) => bad / total);
  const [before = 0, after = 0] = shares;
  const how = after <= alike * before ? 'as much' : 'too';
  const place =
    where === undefined
      ? ''
      : `, mostly of ${where.kind}/${where.name}, where ${where.bad} of ${where.total} requests of new and old pods failed`;
  const time = gone ? 'in their last minute' : 'in the same minutes';
  const failed = gone ? `failed ${how}` : `fail ${how}`;
  const next =
    where?.kind === 'node'
      ? `See what ails node/${where.name}, then verify again.`
      : 'See what new and old pods share (a database, a node, a service that they call), then verify again.';
  return {
    detail: `${seen}: old pods ${failed} (${percent(before)} against ${percent(after)}) ${time}${place}: not blamed on the release`,
    wouldChange: `a share ${must.text}, or old pods that fail less than half as often as the new ones`,
    next,
  };
}
