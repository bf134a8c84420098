import { InputError, quoted } from '@slipway/runtime';
import { incomplete, kindOfValue, textAt, valueAt } from './payload.ts';

/** A `release` event that starts a release. */
export interface PublishedRelease {
  kind: 'tag';
  tag: string;
  /** Whether it is marked as a pre-release on GitHub, whatever its tag looks like. */
  markedPrerelease?: true;
}

/** An event that nothing is released for, and why: no failure, since `on: release` brings such events too. */
export interface NoRelease {
  kind: 'none';
  /** A sentence without its full stop. */
  why: string;
}

/** What each other activity is, as the end of a sentence about the release. */
const otherActivities: Readonly<Record<string, string>> = {
  created: 'was created and is released once it is published',
  edited: 'was edited, which changes nothing that is built',
  deleted: 'was deleted; what is deployed stays',
  unpublished: 'was unpublished; what is deployed stays',
  prereleased: 'was published as a pre-release, which has an event "published" too',
};

/**
 * The release behind a `release` event: `published` and `released` start one, every other activity none,
 * and neither does a draft. Throws an InputError when the payload lacks its tag or its activity, or is not understood.
 */
export function readPublishedRelease(payload: unknown): PublishedRelease | NoRelease {
  const tag = textAt(payload, 'release', 'tag_name');
  if (tag === undefined || tag === '') throw incomplete('release', 'release.tag_name');
  const action = textAt(payload, 'action');
  if (action === undefined) throw incomplete('release', 'action');
  const none = (what: string): NoRelease => ({
    kind: 'none',
    why: `the release ${quoted(tag)} ${what}; only published and released start one`,
  });
  if (action !== 'published' && action !== 'released')
    return none(
      Object.hasOwn(otherActivities, action)
        ? (otherActivities[action] ?? '')
        : `has the activity ${quoted(action)}`,
    );
  if (flag(payload, 'draft')) return none('is a draft');
  const prerelease = flag(payload, 'prerelease');
  return { kind: 'tag', tag, ...(prerelease && { markedPrerelease: true }) };
}

/** A mark of the release. What is neither true nor false is not guessed: it would decide for production. */
function flag(payload: unknown, name: string): boolean {
  const value = valueAt(payload, ['release', name]) ?? false;
  if (typeof value === 'boolean') return value;
  throw new InputError(
    `The release.${name} of the event release is ${kindOfValue(value)} where true or false is expected.`,
  );
}
