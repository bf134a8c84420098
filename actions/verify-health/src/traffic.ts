import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  parseTraffic,
  safeOperations,
  type TrafficPlan,
  type TrafficRequest,
} from '@slipway/health';
import { InputError, type InputReader, type MaskSecret } from '@slipway/runtime';

/** Requests of our own, as the inputs give them. */
export interface TrafficInputs {
  requests: readonly TrafficRequest[];
  /** An absolute path, or empty: the OpenAPI document whose safe operations are sent besides. */
  openapi: string;
  /** In a second, to each pod. */
  perSecond: number;
}

const mayBeSecret = /auth|cookie|key|token|secret|password/i;

/** Reads the inputs of traffic. Values of headers may be secrets: they are masked and never quoted. */
export function readTraffic(read: InputReader, maskSecret: MaskSecret): TrafficInputs {
  const requests = read
    .list('traffic')
    .flatMap((line) => read.check('traffic', () => parseTraffic(line)) ?? []);
  for (const [name, value] of requests.flatMap(({ headers }) => headers))
    if (mayBeSecret.test(name))
      for (const part of value.split(' ').filter(({ length }) => length > 6)) maskSecret(part);
  return {
    requests,
    openapi: read.path('traffic-openapi'),
    perSecond: read.integer('traffic-rate', { default: 2, min: 1, max: 50 }),
  };
}

/**
 * The requests that are to be sent; undefined when none were asked for. Throws InputError when the OpenAPI
 * document cannot be read, or has no operation that is safe to send.
 */
export async function trafficPlan(
  { requests, openapi, perSecond }: TrafficInputs,
  how: Omit<TrafficPlan, 'requests' | 'perSecond'>,
  workspace: string,
): Promise<TrafficPlan | undefined> {
  if (openapi === '') return requests.length === 0 ? undefined : { ...how, requests, perSecond };
  const name = path.relative(workspace, openapi);
  const text = await fs.readFile(openapi, 'utf8').catch((cause: unknown) => {
    throw new InputError(`traffic-openapi: ${name} could not be read.`, { cause });
  });
  const operations = safeOperations(text, name);
  if (operations.length === 0)
    throw new InputError(
      `traffic-openapi: ${name} has no operation that is safe to send: GET, without parameters in the path, without a login.`,
      { next: 'Name paths in the input traffic instead.' },
    );
  return { ...how, requests: [...requests, ...operations], perSecond };
}
