import { nearestName, quoted } from '@slipway/runtime';
import type { YamlPath } from '@slipway/yaml';
import { circleIn } from './circle.ts';
import type { FleetText } from './schema/index.ts';
import { isTimeZone } from './freeze-window.ts';
import type { Problem } from './problems.ts';

function at(path: YamlPath, what: string): Problem {
  return { path, atKey: false, what };
}

/** The sentence for a name that is not among those there are. */
export function unknownName(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  const known = names.length === 0 ? 'there is none' : `there is ${names.slice(0, 20).join(', ')}`;
  return `${quoted(name)} is unknown; ${nearest === undefined ? known : `did you mean ${nearest}?`}`;
}

function excludedWithSettings({ services = {} }: FleetText): readonly Problem[] {
  return Object.entries(services)
    .filter(([glob, settings]) => glob.startsWith('!') && settings !== null)
    .map(([glob]) =>
      at(['services', glob], 'takes folders out, so nothing can be said of them; end it with ":".'),
    );
}

function wrongFreezes(name: string, freezes: Freezes): readonly Problem[] {
  return freezes.flatMap(({ zone, time, dates = [] }, index) => {
    const path = ['environments', name, 'freeze', index];
    const problems: Problem[] = [];
    if (zone !== undefined && !isTimeZone(zone))
      problems.push(
        at(
          [...path, 'zone'],
          `${quoted(zone)} is no time zone; expected for example Europe/Berlin.`,
        ),
      );
    const [from = '', to = ''] = (time ?? '').split('-');
    if (time !== undefined && from === to)
      problems.push(at([...path, 'time'], `${quoted(time)} has no length.`));
    for (const span of dates) {
      const [first = '', last = first] = span.split('..');
      const days = [first, last].map((day) => new Date(`${day}T00:00:00Z`));
      if (days.some((day, of) => !isDate(day, of === 0 ? first : last)))
        problems.push(at([...path, 'dates'], `${quoted(span)} is no date of the calendar.`));
      else if (last < first)
        problems.push(at([...path, 'dates'], `${quoted(span)} ends before it begins.`));
    }
    return problems;
  });
}

type Environments = NonNullable<FleetText['environments']>;
type Freezes = NonNullable<NonNullable<Environments[string]>['freeze']>;

/** The 30th of February is a day of March to JavaScript. */
function isDate(day: Date, text: string): boolean {
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function wrongWaves(name: string, waves: readonly unknown[]): readonly Problem[] {
  const seen = new Set<string>();
  return waves.flatMap((wave, index) =>
    [wave].flat().flatMap((target, place) => {
      const own = typeof target === 'string' ? target : (target as { name: string }).name;
      const again = seen.has(own);
      seen.add(own);
      const path = ['environments', name, 'waves', index];
      return again
        ? [at(Array.isArray(wave) ? [...path, place] : path, `${quoted(own)} is there twice.`)]
        : [];
    }),
  );
}

function wrongRequires(environments: Environments): readonly Problem[] {
  const names = Object.keys(environments);
  const required = new Map(
    Object.entries(environments).map(([name, text]) => [name, text?.requires ?? []]),
  );
  const unknown = [...required].flatMap(([name, wanted]) =>
    wanted
      .filter((other) => !required.has(other))
      .map((other) => at(['environments', name, 'requires'], unknownName(other, names))),
  );
  const circle = unknown.length === 0 ? circleIn(required) : undefined;
  const [first = ''] = circle ?? [];
  return circle === undefined
    ? unknown
    : [
        at(
          ['environments', first, 'requires'],
          `the environments require each other in a circle: ${circle.join(' → ')}.`,
        ),
      ];
}

/** What is wrong between the parts of a file that are each right by themselves. */
export function crossProblems(text: FleetText): readonly Problem[] {
  const environments = text.environments ?? {};
  return [
    ...excludedWithSettings(text),
    ...Object.entries(environments).flatMap(([name, environment]) => [
      ...wrongWaves(name, environment?.waves ?? []),
      ...wrongFreezes(name, environment?.freeze ?? []),
    ]),
    ...wrongRequires(environments),
  ];
}
