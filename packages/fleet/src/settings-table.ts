import { escapeSummary } from '@slipway/runtime';
import type { EffectiveService, Origin } from './effective-settings.ts';

const longestValue = 120;

function wholeText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isPlainList ? value.join(', ') : JSON.stringify(value);
}

function valueText(value: unknown): string {
  const [first = '', ...others] = wholeText(value).trim().split('\n');
  const more = others.length > 0 || first.length > longestValue;
  return `${first.slice(0, longestValue)}${more ? ' …' : ''}`;
}

/** Where a value comes from, in a few words. */
export function originText(origin: Origin): string {
  switch (origin.from) {
    case 'default':
      return 'default';
    case 'input':
      return `input ${origin.input}`;
    case 'file':
      return `${origin.file}:${origin.line} ${origin.where}`;
  }
}

/**
 * A Markdown table of what holds for services and where each value was said. Whatever the files hold is
 * text in it.
 */
export function settingsTable(
  services: readonly { name: string; service: EffectiveService }[],
): string {
  const rows = services.flatMap(({ name, service }) =>
    service.explained.map(({ key, value, origin }, index) => {
      const shown = index === 0 ? escapeSummary(name) : '';
      return `| ${shown} | ${escapeSummary(key)} | ${escapeSummary(valueText(value))} | ${escapeSummary(originText(origin))} |`;
    }),
  );
  return ['| service | setting | value | from |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
