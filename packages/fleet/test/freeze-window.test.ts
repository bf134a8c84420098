import { describe, expect, test } from '@jest/globals';
import { freezeAt, type FreezeWindow } from '../src/index.ts';

function window(some: Partial<FreezeWindow>): FreezeWindow {
  return { days: undefined, time: undefined, dates: undefined, zone: 'UTC', reason: '', ...some };
}

/** When the freeze at an instant ends; `free` when there is none. */
function until(windows: readonly Partial<FreezeWindow>[], instant: string): string {
  const freeze = freezeAt(windows.map(window), Date.parse(instant));
  if (freeze === undefined) return 'free';
  return freeze.untilMs === undefined
    ? 'for ever'
    : new Date(freeze.untilMs).toISOString().replace(':00.000Z', 'Z');
}

const weekend: Partial<FreezeWindow> = {
  days: ['fri'],
  time: '16:00-24:00',
  zone: 'Europe/Berlin',
};
const night: Partial<FreezeWindow> = { days: ['fri'], time: '22:00-06:00', zone: 'Europe/Berlin' };
const holidays: Partial<FreezeWindow> = { dates: ['2026-12-20..2027-01-03'] };

describe('a freeze', () => {
  test.each<[string, Partial<FreezeWindow>[], string, string]>([
    // 2026-07-03 is a Friday, at UTC+2 in Berlin.
    ['begins at its first minute', [weekend], '2026-07-03T14:00:00Z', '2026-07-03T22:00Z'],
    ['has not begun a second before', [weekend], '2026-07-03T13:59:59Z', 'free'],
    ['ends with its last second', [weekend], '2026-07-03T21:59:59Z', '2026-07-03T22:00Z'],
    ['is over at its end', [weekend], '2026-07-03T22:00:00Z', 'free'],
    ['holds on no other day', [weekend], '2026-07-02T15:00:00Z', 'free'],
    // In winter the same clocks show 16:00 an hour later in UTC.
    ['goes by the clocks in winter too', [weekend], '2026-01-02T14:30:00Z', 'free'],
    ['and begins then an hour later', [weekend], '2026-01-02T15:00:00Z', '2026-01-02T23:00Z'],
    ['past midnight belongs to its day', [night], '2026-07-04T03:59:00Z', '2026-07-04T04:00Z'],
    ['past midnight ends in the morning', [night], '2026-07-04T04:00:00Z', 'free'],
    ['of Friday night is none on Thursday night', [night], '2026-07-03T01:00:00Z', 'free'],
    [
      'of dates holds to the end of the last',
      [holidays],
      '2026-12-24T12:00:00Z',
      '2027-01-04T00:00Z',
    ],
    ['of dates begins with the first', [holidays], '2026-12-19T23:59:59Z', 'free'],
    [
      'of one date holds in its zone',
      [{ dates: ['2026-12-24'], zone: 'Pacific/Auckland' }],
      '2026-12-23T11:00:00Z',
      '2026-12-24T11:00Z',
    ],
    [
      'of days and dates holds where both do',
      [{ days: ['sat'], dates: ['2026-07-01..2026-07-31'] }],
      '2026-07-03T12:00:00Z',
      'free',
    ],
    [
      'lasts through windows that meet',
      [{ days: ['fri'], time: '16:00-24:00' }, { days: ['sat', 'sun'] }],
      '2026-07-03T17:00:00Z',
      '2026-07-06T00:00Z',
    ],
    ['that always holds has no end', [{ time: '00:00-24:00' }], '2026-07-03T17:00:00Z', 'for ever'],
    [
      'in a zone of half hours',
      [{ time: '09:00-10:00', zone: 'Asia/Kolkata' }],
      '2026-07-03T03:30:00Z',
      '2026-07-03T04:30Z',
    ],
  ])('%s', (_, windows, instant, end) => {
    expect(until(windows, instant)).toBe(end);
  });

  // Clocks in Berlin go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October.
  test.each<[string, string, string, string]>([
    [
      'ends at 02:30 that no clock shows: with the change',
      '01:00-02:30',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00Z',
    ],
    [
      'that begins in the hour left out is there after it',
      '02:30-03:30',
      '2026-03-29T01:10:00Z',
      '2026-03-29T01:30Z',
    ],
    [
      'past the change is as long as the clocks say',
      '00:00-06:00',
      '2026-03-29T00:59:00Z',
      '2026-03-29T04:00Z',
    ],
    [
      'of the hour that comes twice holds the first time',
      '02:00-03:00',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:00Z',
    ],
    ['and the second time', '02:00-03:00', '2026-10-25T01:30:00Z', '2026-10-25T02:00Z'],
    [
      'of a whole night with the hour twice ends at its hour',
      '22:00-06:00',
      '2026-10-24T21:00:00Z',
      '2026-10-25T05:00Z',
    ],
  ])('over a change of the clocks %s', (_, time, instant, end) => {
    expect(until([{ time, zone: 'Europe/Berlin' }], instant)).toBe(end);
  });

  test('is over where it says that it ends, whatever the zone and the hour', () => {
    const zones = ['America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Cairo'];
    for (const zone of zones)
      for (let hour = 0; hour < 24 * 366; hour += 17) {
        const nowMs = Date.UTC(2026, 0, 1, hour, 13);
        const windows = [
          window({ time: '23:15-01:45', zone }),
          window({ time: '02:00-02:20', zone }),
        ];
        const end = freezeAt(windows, nowMs)?.untilMs;
        if (end === undefined) continue;
        expect(end).toBeGreaterThan(nowMs);
        expect(freezeAt(windows, end)).toBeUndefined();
        expect(freezeAt(windows, end - 60_000)).toBeDefined();
      }
  });
});
