import { InputError, quoted } from '@slipway/runtime';
import { kindOfValue, valueAt } from './payload.ts';

/** The inputs of a dispatch that a plan follows. `service` is another name for `services`. */
const followed = ['services', 'service', 'environment'] as const;

/** Where the inputs of each event that has any lie in its payload. */
const fields: Readonly<Record<string, string>> = {
  workflow_dispatch: 'inputs',
  repository_dispatch: 'client_payload',
};

/** What a dispatch asks for; the empty string and absence mean the same. */
export interface DispatchInputs {
  services?: string;
  environment?: string;
}

/**
 * The inputs of a dispatch that a plan follows: which services, and where to. Whatever else it carries is
 * the workflow's own. Throws an InputError for what is there and cannot be understood (a list where text is
 * expected, a name that is nearly one of these): passed over, it would release every service.
 */
export function dispatchInputs(eventName: string, payload: unknown): Readonly<DispatchInputs> {
  const field = fields[eventName];
  const given = field === undefined ? undefined : valueAt(payload, [field]);
  if (field === undefined || given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw notUnderstood(`${field} of the event ${eventName}`, given, 'names with values are');
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(given)) {
    const name = followed.find((valid) => valid === key);
    if (name === undefined) refuseSimilar(key, `${field} of the event ${eventName}`);
    else if (typeof value !== 'string')
      throw notUnderstood(`${field}.${name} of the event ${eventName}`, value, 'text is');
    else if (value !== '') texts.set(name, value);
  }
  const [services, service] = [texts.get('services'), texts.get('service')];
  if (services !== undefined && service !== undefined && services !== service)
    throw new InputError(
      `The ${field} of the event ${eventName} has service ${quoted(service)} and services ${quoted(services)}; send one of them.`,
    );
  const environment = texts.get('environment');
  const names = services ?? service;
  return {
    ...(names !== undefined && { services: names }),
    ...(environment !== undefined && { environment }),
  };
}

/**
 * The services that a dispatch names; undefined when it names none and means every one. Throws an
 * InputError for a text that is not empty and yet names nothing.
 */
export function askedServices({ services }: DispatchInputs): readonly string[] | undefined {
  if (services === undefined) return undefined;
  const names = services.split(/[\s,]+/).filter((name) => name !== '');
  if (names.length === 0)
    throw new InputError(`dispatch input services: ${quoted(services)} names no service.`, {
      next: 'Leave it empty to release every service, or put blanks or commas between their names.',
    });
  return names;
}

function notUnderstood(what: string, value: unknown, expected: string): InputError {
  return new InputError(
    `The ${what} is ${kindOfValue(value)} where ${expected} expected, so it cannot be told what to release.`,
    { next: 'Send text, with blanks or commas between the names of services: "api, ledger".' },
  );
}

function refuseSimilar(key: string, where: string): void {
  const meant = followed.find((name) => isNear(key.toLowerCase(), name));
  if (meant === undefined) return;
  throw new InputError(
    `The ${where} has ${quoted(key)}, which is unknown and looks like ${meant}.`,
    {
      next: `Send ${meant}, or choose a name that cannot be taken for it.`,
    },
  );
}

/** Whether one letter put in, left out or changed, or two neighbours swapped, make `name` of `key`. */
function isNear(key: string, name: string): boolean {
  const shorter = Math.min(key.length, name.length);
  let start = 0;
  while (start < shorter && key[start] === name[start]) start += 1;
  let end = 0;
  while (end < shorter - start && key.at(-1 - end) === name.at(-1 - end)) end += 1;
  const left = key.slice(start, key.length - end);
  const right = name.slice(start, name.length - end);
  const swapped = left.length === 2 && right === `${left[1]}${left[0]}`;
  return swapped || (left.length <= 1 && right.length <= 1);
}
