import path from 'node:path';
import { format } from 'prettier';
import { jsonSchemaOf, type JsonSchema } from '@slipway/fleet';
import { readActionMetadata } from './action-metadata.ts';
import { actionsOfKeys } from './fleet-inputs.ts';
import { betweenMarkers } from './markers.ts';

const titles = {
  fleet: 'slipway.yml at the root of a repository',
  service: 'slipway.yml in the folder of a service',
} as const;

type Part = Record<string, unknown>;

/** Adds what each action says of its inputs, so that editors show it. */
function describeInputs(root: string, schema: JsonSchema): void {
  const definitions = schema['definitions'] as Record<string, { properties: Record<string, Part> }>;
  for (const [key, action] of Object.entries(actionsOfKeys)) {
    const { inputs } = readActionMetadata(path.join(root, 'actions', action, 'action.yml'));
    const properties = definitions[key]?.properties ?? {};
    for (const { name, description, default: value } of inputs) {
      const property = properties[name];
      if (property === undefined) continue;
      const unlessSaid = value === undefined || value === '' ? '' : ` Default: ${value.trim()}.`;
      property['description'] = `${description}${unlessSaid}`;
    }
  }
}

/** The JSON Schema of one of the two files, as text. */
export async function renderFleetSchema(root: string, file: keyof typeof titles): Promise<string> {
  const schema = jsonSchemaOf(file);
  describeInputs(root, schema);
  const name = file === 'fleet' ? 'slipway' : 'slipway-service';
  const whole = {
    $schema: schema['$schema'],
    $id: `https://raw.githubusercontent.com/OWNER/slipway/v1/schema/${name}.schema.json`,
    title: titles[file],
  };
  const text = JSON.stringify(Object.assign(whole, schema));
  return format(text, { parser: 'json', printWidth: 100 });
}

/** The first map of keys in a schema that may stand in a list or be nothing. */
function keysIn(schema: unknown): Readonly<Record<string, Part>> | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { properties, ...others } = schema as { properties?: Record<string, Part> };
  if (properties !== undefined) return properties;
  for (const inner of Object.values(others)) {
    const found = keysIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function keysTable(keys: Readonly<Record<string, Part>> | undefined, root: JsonSchema): string {
  const definitions = (root['definitions'] ?? {}) as Record<string, Part>;
  const said = (part: Part): string => {
    const [shared] = (part['allOf'] ?? []) as { $ref?: string }[];
    const name = shared?.$ref?.split('/').at(-1);
    return (part['description'] ?? definitions[name ?? '']?.['description'] ?? '') as string;
  };
  return [
    '| key | what it is |',
    '| --- | --- |',
    ...Object.entries(keys ?? {}).map(
      ([key, part]) => `| \`${key}\` | ${said(part).replaceAll('|', '\\|')} |`,
    ),
  ].join('\n');
}

/** The page about slipway.yml with its tables of keys made from the schema. */
export function withFleetKeys(page: string): string {
  const schema = jsonSchemaOf('fleet');
  const top = keysIn(schema) ?? {};
  const environment = keysIn(top['environments']) ?? {};
  const tables = {
    'keys-top': top,
    'keys-service': keysIn(jsonSchemaOf('service')),
    'keys-environment': environment,
    'keys-when': keysIn(environment['when']),
    'keys-target': keysIn(environment['waves']),
    'keys-freeze': keysIn(environment['freeze']),
  };
  return Object.entries(tables).reduce(
    (text, [name, keys]) => betweenMarkers(text, name, keysTable(keys, schema)),
    page,
  );
}
