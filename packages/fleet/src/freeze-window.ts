import { weekdays } from './schema/index.ts';

/** One time in which nothing is deployed, by the clocks of its zone. */
export interface FreezeWindow {
  /** Days on which it begins; undefined for every day. */
  days: readonly (typeof weekdays)[number][] | undefined;
  /** `16:00-24:00`; undefined for the whole day. */
  time: string | undefined;
  /** `2026-12-24` or `2026-12-20..2027-01-03`, both ends included; undefined for every date. */
  dates: readonly string[] | undefined;
  /** IANA time zone. */
  zone: string;
  reason: string;
}

/** A freeze that holds at an instant. */
export interface Freeze {
  window: FreezeWindow;
  /** When no window holds any more, in milliseconds since 1970; undefined when none ends within a year. */
  untilMs: number | undefined;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Windows that meet one another; each step goes to the end of one. */
const mostSteps = 800;

/** A wall clock: the midnight of its date as if it were UTC, and the minutes since then. */
interface WallTime {
  dayMs: number;
  minutes: number;
}

/** Whether the time zone database has `zone`. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What clocks of a zone show. */
function wallClock(zone: string): (instantMs: number) => WallTime {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (instantMs) => {
    const shown = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => Number(shown.get(name));
    return {
      dayMs: Date.UTC(part('year'), part('month') - 1, part('day')),
      minutes: part('hour') * 60 + part('minute'),
    };
  };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Minutes from midnight; the end is past 24 hours when it is on the next day. */
function spanOf({ time }: FreezeWindow): { from: number; to: number } {
  if (time === undefined) return { from: 0, to: 1440 };
  const [from = 0, end = 1440] = time.split('-').map(minutesOf);
  return { from, to: end <= from ? end + 1440 : end };
}

function isDayOf({ days, dates }: FreezeWindow, day: number): boolean {
  const weekday = weekdays[(new Date(day).getUTCDay() + 6) % 7];
  if (days !== undefined && (weekday === undefined || !days.includes(weekday))) return false;
  if (dates === undefined) return true;
  return dates.some((span) => {
    const [first = '', last = first] = span.split('..');
    return Date.parse(first) <= day && day <= Date.parse(last);
  });
}

/** The wall time at which a window that holds at `now` ends. */
function endOf(window: FreezeWindow, now: WallTime): WallTime | undefined {
  const { from, to } = spanOf(window);
  const begun = [now.dayMs, now.dayMs - dayMs].find((day) => {
    const since = now.minutes + (now.dayMs - day) / minuteMs;
    return isDayOf(window, day) && from <= since && since < to;
  });
  return begun === undefined ? undefined : { dayMs: begun, minutes: to };
}

/** The first instant after `nowMs` at which clocks have reached `wall`, over any change of the clocks. */
function instantOf(wall: WallTime, nowMs: number, clock: (ms: number) => WallTime): number {
  const wanted = wall.dayMs + wall.minutes * minuteMs;
  const left = (at: number): number => {
    const now = clock(at);
    return wanted - (now.dayMs + now.minutes * minuteMs);
  };
  const start = Math.floor(nowMs / minuteMs) * minuteMs;
  const guess = start + left(start);
  const corrected = guess + left(guess);
  // In the hour that clocks leave out no instant shows the time; what comes next does.
  return corrected > nowMs ? corrected : start + minuteMs;
}

/** The freeze that holds at an instant (milliseconds since 1970), undefined for none. */
export function freezeAt(windows: readonly FreezeWindow[], nowMs: number): Freeze | undefined {
  const clocks = windows.map((window) => ({ window, clock: wallClock(window.zone) }));
  const holding = (at: number): { window: FreezeWindow; endMs: number } | undefined => {
    for (const { window, clock } of clocks) {
      const end = endOf(window, clock(at));
      if (end !== undefined) return { window, endMs: instantOf(end, at, clock) };
    }
    return undefined;
  };
  const first = holding(nowMs);
  if (first === undefined) return undefined;
  let at = first.endMs;
  for (let step = 0; step < mostSteps && at - nowMs < 366 * dayMs; step += 1) {
    const next = holding(at);
    if (next === undefined) return { window: first.window, untilMs: at };
    at = next.endMs;
  }
  return { window: first.window, untilMs: undefined };
}
