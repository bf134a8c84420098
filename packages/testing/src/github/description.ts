import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv, ValidateFunction } from 'ajv';
import { describedOnly, undescribedFields, type FieldSchema } from './described-fields.ts';

interface Parameter {
  $ref?: string;
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
}

interface Content {
  content?: Readonly<
    Record<string, { schema: FieldSchema; examples?: Readonly<Record<string, { $ref?: string }>> }>
  >;
}

interface Operation {
  parameters?: readonly Parameter[];
  requestBody?: Content;
  responses: Readonly<Record<string, Content & { $ref?: string }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** One operation that GitHub describes, found by a request. */
export interface DescribedOperation {
  method: string;
  /** With its placeholders: `/repos/{owner}/{repo}/deployments`. */
  template: string;
  path: Readonly<Record<string, string>>;
}

/** GitHub's own description of its REST API, asked whether what is sent is in it. */
export interface Description {
  /** Undefined for a method and path that GitHub does not have. */
  operation: (method: string, path: string) => DescribedOperation | undefined;
  /** What in a request is not described so. */
  requestProblems: (
    operation: DescribedOperation,
    request: { query: URLSearchParams; body: unknown },
  ) => readonly string[];
  /** What in an answer of the fake is not described so. */
  answerProblems: (
    operation: DescribedOperation,
    answer: { status: number; body: unknown },
  ) => readonly string[];
  /** GitHub's example of an answer, with the fields that are described. */
  example: (operation: DescribedOperation, status: number) => unknown;
}

const pointer = (...names: readonly string[]): string =>
  names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const names = template.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? '';
    if (name.startsWith('{')) found[name.slice(1, -1)] = decodeURIComponent(part);
    else if (name !== part) return undefined;
  }
  return found;
}

/** Errors are described where they are special only; all have one of these forms. */
const errorSchema = (status: number): string =>
  pointer('components', 'schemas', status === 422 ? 'validation-error' : 'basic-error');

/** ajv refuses a schema that is nullable and of no type of its own, which OpenAPI allows. */
function withTypedNull(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (!('nullable' in value) || 'type' in value || value.nullable !== true) return value;
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'nullable'));
  return { anyOf: [rest, { enum: [null] }] };
}

interface Document {
  paths: Paths;
  components: unknown;
}

/** Reads `@octokit/openapi`; `name` is a file of its folder generated/, such as `api.github.com`. */
export async function readDescription(name: string): Promise<Description> {
  const file = createRequire(import.meta.url).resolve(`@octokit/openapi/generated/${name}.json`);
  const document = JSON.parse(await fs.readFile(file, 'utf8'), withTypedNull) as Document;
  const { Ajv: AjvClass } = await import('ajv');
  // Formats are left out: GitHub's own examples do not hold to them.
  const ajv: Ajv = new AjvClass({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'github', ...document }, 'github', false, false);
  const at = (where: string): unknown =>
    where
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], document);
  const resolve = (ref: string): FieldSchema => at(ref.slice(1)) as FieldSchema;
  const compiled = new Map<string, ValidateFunction>();
  const problems = (where: string, value: unknown): readonly string[] => {
    const validate = compiled.get(where) ?? ajv.compile({ $ref: `github#${encodeURI(where)}` });
    compiled.set(where, validate);
    const told = validate(value) ? [] : (validate.errors ?? []);
    return [
      ...told.map(({ instancePath, message = '' }) => `${instancePath} ${message}`),
      ...undescribedFields(at(where) as FieldSchema, value, resolve).map(
        (field) => `${field} is not described`,
      ),
    ];
  };
  const found = ({ method, template }: DescribedOperation): Operation => {
    const operation = document.paths[template]?.[method];
    if (operation === undefined) throw new Error(`GitHub has no ${method} ${template}.`);
    return operation;
  };
  const json = 'application/json';
  return {
    operation: (method, path) => {
      const lower = method.toLowerCase();
      for (const [template, operations] of Object.entries(document.paths)) {
        const names = operations[lower] === undefined ? undefined : matchPath(template, path);
        if (names !== undefined) return { method: lower, template, path: names };
      }
      return undefined;
    },
    requestProblems: (operation, { query, body }) => {
      const { parameters = [], requestBody } = found(operation);
      const known = parameters.map(
        (one) => (one.$ref === undefined ? one : resolve(one.$ref)) as Parameter,
      );
      const names = known.filter((one) => one.in === 'query').map((one) => one.name);
      const unknown = [...query.keys()].filter((key) => !names.includes(key));
      const base = pointer('paths', operation.template, operation.method, 'requestBody');
      const isDescribed = requestBody?.content?.[json] !== undefined;
      return [
        ...unknown.map((key) => `the query ${key} is not described`),
        ...(isDescribed ? problems(base + pointer('content', json, 'schema'), body) : []),
        ...(!isDescribed && body !== undefined ? ['no body is described'] : []),
      ];
    },
    answerProblems: (operation, { status, body }) => {
      const own = found(operation).responses[String(status)];
      if (own !== undefined && own.content === undefined && own.$ref === undefined)
        return body === undefined ? [] : ['has a body, and none is described'];
      const schema = own?.content?.[json];
      if (schema === undefined) return problems(errorSchema(status), body);
      const base = pointer('paths', operation.template, operation.method, 'responses');
      return problems(base + pointer(String(status), 'content', json, 'schema'), body);
    },
    example: (operation, status) => {
      const content = found(operation).responses[String(status)]?.content?.[json];
      const [first] = Object.values(content?.examples ?? {});
      const example = first?.$ref === undefined ? first : at(first.$ref.slice(1));
      // GitHub's examples have fields that its descriptions lack.
      const { value } = (example ?? {}) as { value?: unknown };
      return describedOnly(content?.schema ?? {}, value, resolve);
    },
  };
}
