import { describe, expect, test } from '@jest/globals';
import { rollbackTarget } from '../src/release/history.ts';
import { releaseDifferences } from '../src/upgrade/render.ts';
import {
  decodeRelease,
  encodeRelease,
  type ReleaseRecord,
  type ReleaseStatus,
} from '../src/release/record.ts';
import type { StoredRevision } from '../src/release/store.ts';

const manifest = `---
# Source: web/templates/web.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  mode: 0644
`;

function release(change: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    name: 'web',
    namespace: 'shop',
    version: 1,
    info: { status: 'deployed' },
    chart: { metadata: { name: 'web', version: '1.0.0' } },
    config: { a: 1 },
    manifest,
    hooks: [],
    ...change,
  };
}

describe('two releases', () => {
  const hook = { name: 'migrate', kind: 'Job', manifest: 'x', events: ['pre-upgrade'] };

  test('do not differ by number, status or the times that Helm notes', () => {
    const after = { ...release({ version: 2, info: { status: 'pending-upgrade' } }) };
    expect(releaseDifferences(release(), after)).toEqual([]);
    expect(
      releaseDifferences(
        release({ hooks: [{ ...hook, last_run: { phase: 'Succeeded' } } as typeof hook] }),
        release({ hooks: [hook] }),
      ),
    ).toEqual([]);
  });

  test.each([['test'], ['test-success'], ['pre-install'], ['post-install']])(
    'do not differ by a %s hook, which would not run',
    (event) => {
      const named = (name: string): Partial<ReleaseRecord> => ({
        hooks: [{ ...hook, name, events: [event] }],
      });
      expect(releaseDifferences(release(named('a-x7k2q')), release(named('a-p09zz')))).toEqual([]);
    },
  );

  test('differ by a hook that runs for an upgrade too, or at the end of the release', () => {
    for (const events of [['pre-install', 'pre-upgrade'], ['pre-delete'], []])
      expect(releaseDifferences(release(), release({ hooks: [{ ...hook, events }] }))).toEqual([
        'hooks change',
      ]);
  });

  test.each<[string, Partial<ReleaseRecord>, string]>([
    ['an object', { manifest: manifest.replace('0644', '0600') }, 'ConfigMap/web changes'],
    [
      'a new object',
      { manifest: `${manifest}---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n` },
      'Secret/s is new',
    ],
    ['a lost object', { manifest: '' }, 'ConfigMap/web goes away'],
    ['a value that no template uses', { config: { a: 2 } }, 'the values change'],
    ['a hook', { hooks: [hook] }, 'hooks change'],
    [
      "the chart's version",
      { chart: { metadata: { name: 'web', version: '1.0.1' } } },
      'the chart changes from web 1.0.0 to web 1.0.1',
    ],
  ])('differ by %s', (_, change, expected) => {
    expect(releaseDifferences(release(), release(change))).toEqual([expected]);
  });
});

test('a record survives its way through the Secret', () => {
  const record = release({ config: { text: 'ä\n' } });
  expect(decodeRelease(encodeRelease(record), 'it')).toEqual(record);
});

describe('the revision to go back to', () => {
  function history(...entries: [ReleaseStatus, string?][]): StoredRevision[] {
    return entries
      .map(([status, description = ''], index) => ({
        revision: index + 1,
        status,
        record: release({ version: index + 1, info: { status, description } }),
        resourceVersion: '1',
        objectName: '',
        labels: {},
        fingerprint: undefined,
      }))
      .reverse();
  }

  test.each<[string, StoredRevision[], number | undefined]>([
    ['the one still deployed', history(['superseded'], ['deployed'], ['failed'], ['failed']), 2],
    ['the last that worked, from one that is deployed', history(['superseded'], ['deployed']), 1],
    [
      'not a superseded one that never worked (helm/helm#8037)',
      history(['superseded'], ['superseded', 'Upgrade "web" failed: timed out'], ['failed']),
      1,
    ],
    [
      'not a superseded one that a dead job left',
      history(['superseded', 'Failed: left pending-install by a job that died'], ['deployed']),
      undefined,
    ],
    ['not one that failed', history(['failed'], ['pending-upgrade']), undefined],
    ['none after a first install', history(['deployed']), undefined],
    ['none of nothing', [], undefined],
  ])('is %s', (_, entries, expected) => {
    expect(rollbackTarget(entries)?.revision).toBe(expected);
  });
});
