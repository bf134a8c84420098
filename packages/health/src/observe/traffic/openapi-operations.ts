import { readYaml } from '@slipway/yaml';
import { InputError } from '@slipway/runtime';
import { usualStatuses, type StatusRule, type TrafficRequest } from './traffic-request.ts';

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What a local reference names; the value itself when it is none. */
function resolved(document: Json, value: unknown): Json {
  const { $ref } = object(value);
  if (typeof $ref !== 'string') return object(value);
  const steps = $ref.startsWith('#/') ? $ref.slice(2).split('/') : [];
  const unescaped = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return object(unescaped.reduce<unknown>((at, step) => object(at)[step], document));
}

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** A value that the document itself gives for a parameter. */
function exampleOf(parameter: Json): string | undefined {
  const schema = object(parameter['schema']);
  const [first] = Object.values(object(parameter['examples'])).map((one) => object(one)['value']);
  const candidates = [
    parameter['example'],
    first,
    schema['example'],
    schema['default'],
    list(schema['enum'])[0],
    list(schema['examples'])[0],
  ];
  const found = candidates.find(isPlain);
  return found === undefined ? undefined : String(found);
}

/** The query and headers that an operation cannot be asked without; undefined when they are not known. */
function neededOf(
  parameters: readonly Json[],
): { query: string; headers: [string, string][] } | undefined {
  const query = new URLSearchParams();
  const headers: [string, string][] = [];
  for (const parameter of parameters) {
    if (parameter['required'] !== true) continue;
    const { name, in: place } = parameter;
    const value = exampleOf(parameter);
    if (typeof name !== 'string' || value === undefined) return undefined;
    if (place === 'query') query.append(name, value);
    else if (place === 'header') headers.push([name, value]);
    else return undefined;
  }
  return { query: query.toString(), headers };
}

/** What the document says may come back: failures of the server are never among it. */
function documented(operation: Json): StatusRule {
  const named = Object.keys(object(operation['responses'])).flatMap(
    (key): (readonly [number, number])[] => {
      if (/^[1-4]\d\d$/.test(key)) return [[Number(key), Number(key)]];
      return /^[1-4]XX$/i.test(key) ? [[Number(key[0]) * 100, Number(key[0]) * 100 + 99]] : [];
    },
  );
  return [...usualStatuses, ...named];
}

/** The path under which the document's paths lie; of the first server, when it names one. */
function basePath(document: Json): string {
  const { url } = object(list(document['servers'])[0]);
  if (typeof url !== 'string' || url.includes('{')) return '';
  const path = URL.parse(url, 'http://pod.invalid/')?.pathname ?? '/';
  return path.replace(/\/+$/, '');
}

const needsLogin = (document: Json, operation: Json): boolean => {
  const security = operation['security'] ?? document['security'];
  return (
    list(security).length > 0 &&
    !list(security).some((one) => Object.keys(object(one)).length === 0)
  );
};

/**
 * The safe operations of an OpenAPI 3 document (YAML or JSON): GET, without parameters in the path, without
 * a login, and with nothing required for which the document has no example. Throws InputError when it is no such document.
 */
export function safeOperations(text: string, name: string): readonly TrafficRequest[] {
  const document = object(readYaml(text, { name, rules: 'helm' }));
  if (typeof document['openapi'] !== 'string')
    throw new InputError(`${name} is no OpenAPI 3 document: it has no field openapi.`);
  const base = basePath(document);
  return Object.entries(object(document['paths'])).flatMap(([path, value]): TrafficRequest[] => {
    const item = resolved(document, value);
    const operation = object(item['get']);
    if (item['get'] === undefined || !/^\/[^\s#{}]*$/.test(path) || needsLogin(document, operation))
      return [];
    const parameters = [...list(item['parameters']), ...list(operation['parameters'])];
    const needed = neededOf(parameters.map((parameter) => resolved(document, parameter)));
    if (needed === undefined) return [];
    const query = needed.query === '' ? '' : `?${needed.query}`;
    return [
      { path: base + path + query, headers: needed.headers, expected: documented(operation) },
    ];
  });
}
