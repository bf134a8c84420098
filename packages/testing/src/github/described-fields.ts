/** A schema of an OpenAPI 3.0 description, as far as fields are concerned. */
export interface FieldSchema {
  $ref?: string;
  properties?: Readonly<Record<string, FieldSchema>>;
  additionalProperties?: boolean | FieldSchema;
  items?: FieldSchema;
  allOf?: readonly FieldSchema[];
  anyOf?: readonly FieldSchema[];
  oneOf?: readonly FieldSchema[];
}

type Resolve = (ref: string) => FieldSchema;

/** Every schema that a value may follow here: references and alternatives laid open. */
function open(schema: FieldSchema, resolve: Resolve): readonly FieldSchema[] {
  if (schema.$ref !== undefined) return open(resolve(schema.$ref), resolve);
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [schema, ...parts.flatMap((part) => open(part, resolve))];
}

/** Calls `visit` for each field in `value` that `schema` does not name. */
function visitUndescribed(
  schema: FieldSchema,
  value: unknown,
  { resolve, visit }: { resolve: Resolve; visit: (path: string, remove: () => void) => void },
  at = '',
): void {
  if (typeof value !== 'object' || value === null) return;
  const schemas = open(schema, resolve);
  if (Array.isArray(value)) {
    const items = schemas.map(({ items: one }) => one).find((one) => one !== undefined);
    for (const [index, each] of items === undefined ? [] : value.entries())
      visitUndescribed(items ?? {}, each, { resolve, visit }, `${at}[${index}]`);
    return;
  }
  const isFree = schemas.some(
    ({ properties, additionalProperties }) =>
      additionalProperties === true ||
      typeof additionalProperties === 'object' ||
      (properties === undefined && additionalProperties === undefined && schemas.length === 1),
  );
  if (isFree) return;
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    const own = schemas
      .map(({ properties }) => properties?.[name])
      .find((one) => one !== undefined);
    if (own === undefined) visit(`${at}.${name}`, () => Reflect.deleteProperty(fields, name));
    else visitUndescribed(own, field, { resolve, visit }, `${at}.${name}`);
  }
}

/**
 * The paths of fields in `value` that `schema` does not name. A schema without `additionalProperties`
 * takes any field, so that a validator alone would pass a field that was invented.
 */
export function undescribedFields(
  schema: FieldSchema,
  value: unknown,
  resolve: Resolve,
): readonly string[] {
  const found: string[] = [];
  visitUndescribed(schema, value, { resolve, visit: (path) => found.push(path) });
  return found;
}

/** A copy of `value` without the fields that `schema` does not name. */
export function describedOnly(schema: FieldSchema, value: unknown, resolve: Resolve): unknown {
  const copy = structuredClone(value);
  visitUndescribed(schema, copy, { resolve, visit: (_, remove) => remove() });
  return copy;
}
