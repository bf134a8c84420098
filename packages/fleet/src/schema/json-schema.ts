import * as z from 'zod';
import { fleetSchema } from './fleet-schema.ts';
import { serviceSchema } from './service-schema.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What editors check a file by: the `slipway.yml` at the root, or the one in a service's folder. */
export function jsonSchemaOf(file: 'fleet' | 'service'): JsonSchema {
  return z.toJSONSchema(file === 'fleet' ? fleetSchema : serviceSchema, {
    target: 'draft-7',
    io: 'input',
  });
}
